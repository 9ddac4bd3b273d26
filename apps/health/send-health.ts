import type { FastifyReply } from 'fastify';
import type { DependencyWatch, WorkerHealth } from '#core';
import { healthView } from './health.view.js';

/** How soon to ask again one that is not ready, in seconds. */
const RETRY_AFTER_SECONDS = '2';

/** Answers 200 when the process is ready to work, else 503; both with the same body. */
export async function sendHealth(
  reply: FastifyReply,
  watch: DependencyWatch,
  workers?: readonly WorkerHealth[],
): Promise<void> {
  const view = healthView(await watch.health(), workers);
  void reply.header('Cache-Control', 'no-store');
  if (!view.ready) void reply.status(503).header('Retry-After', RETRY_AFTER_SECONDS);
  await reply.send(view);
}
