// The real servers for benchmarks of the distributed deployment.
import { environment, select } from '../servers/fleet.mjs';

/** Of the two that speak MongoDB's protocol the one that is fast: the other would be what is measured. */
const NAMES = ['rabbitmq', 'redis', 'mongodb-java', 'minio'];
const VARIABLES = ['RABBITMQ_URL', 'REDIS_URL', 'MONGODB_URI', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

/** Where they are: by the environment (MONGODB_URI may name a real MongoDB), or those of `tools/servers` that run. Null when one is missing. */
export function realServers() {
  const { MONGODB_SECOND_URI, ...others } = { ...environment(select(NAMES)), ...process.env };
  const running = { MONGODB_URI: MONGODB_SECOND_URI, ...others };
  const found = Object.fromEntries(VARIABLES.map((name) => [name, running[name]]));
  return Object.values(found).includes(undefined) ? null : found;
}

export const NO_SERVERS =
  'RabbitMQ, Redis, MongoDB and S3 are needed: node tools/servers/index.mjs start rabbitmq redis mongodb-java minio';
