import { Controller, Get } from '@nestjs/common';

@Controller('v1/worker')
export class PingController {
  @Get('ping')
  ping(): { message: 'pong' } {
    return { message: 'pong' };
  }
}
