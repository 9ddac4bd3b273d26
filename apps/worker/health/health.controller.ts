import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DependencyWatch, Supervisor } from '#core';
import { sendHealth } from '../../health/send-health.js';

@Controller('v1/worker/health')
export class HealthController {
  constructor(
    private readonly watch: DependencyWatch,
    private readonly supervisor: Supervisor,
  ) {}

  @Get()
  async health(@Res() reply: FastifyReply): Promise<void> {
    await sendHealth(reply, this.watch, this.supervisor.health());
  }

  @Get('live')
  live(): { live: true } {
    return { live: true };
  }
}
