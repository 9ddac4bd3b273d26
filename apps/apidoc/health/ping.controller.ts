import { Controller, Get } from '@nestjs/common';

@Controller('v1/apidoc')
export class PingController {
  @Get('ping')
  ping(): { message: 'pong' } {
    return { message: 'pong' };
  }
}
