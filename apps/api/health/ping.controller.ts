import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Answers, Describes, Tagged } from '../http/documented.js';

const pongSchema = z.object({ message: z.literal('pong') }).meta({ id: 'Pong' });

@Tagged('Health')
@Controller('v1/api')
export class PingController {
  @Get('ping')
  @Describes({ operationId: 'ping', summary: 'Ask whether the API is up', description: 'Needs no credentials.' })
  @Answers(200, 'It is.', pongSchema)
  ping(): z.output<typeof pongSchema> {
    return { message: 'pong' };
  }
}
