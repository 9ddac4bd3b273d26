import type { FastifyInstance } from 'fastify';
import type { AppMetrics } from '#observability';

export const METRICS_PATH = '/metrics';

/** Shows figures to Prometheus. They end with the server. */
export function addMetrics(server: FastifyInstance, metrics: AppMetrics): void {
  server.get(METRICS_PATH, async (_request, reply) => {
    const text = await metrics.text();
    return reply.type(metrics.registry.contentType).header('Cache-Control', 'no-store').send(text);
  });
  server.addHook('onClose', (_server, done) => {
    metrics.close();
    done();
  });
}
