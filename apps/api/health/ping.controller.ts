import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Open } from '../auth/basic-auth.guard.js';
import { Answers } from '../http/documented.js';

const pongSchema = z.object({ message: z.literal('pong') });

@ApiTags('Health')
@Controller('v1/api')
export class PingController {
  @Open()
  @Get('ping')
  @ApiOperation({ summary: 'Ask whether the API is up', description: 'Needs no credentials.' })
  @Answers(200, 'It is.', pongSchema)
  ping(): z.output<typeof pongSchema> {
    return { message: 'pong' };
  }
}
