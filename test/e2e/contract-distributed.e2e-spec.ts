import { randomUUID } from 'node:crypto';
import { describeWithServer } from '../setup/real-servers.js';
import { startDistributed } from './deployment.js';
import { describeContract } from './contract.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  describeContract('the REST contract, with api, two workers and apidoc apart', () => startDistributed(isolated(env)));
});

/** A database, queues and a bucket that no other run uses. */
function isolated(env: Record<string, string>): Record<string, string> {
  const name = `callboard-e2e-${randomUUID().slice(0, 8)}`;
  const mongodb = new URL(env.MONGODB_URI ?? '');
  mongodb.pathname = `/${name}`;
  return { ...env, MONGODB_URI: mongodb.href, S3_BUCKET: name, RABBITMQ_PREFIX: name };
}
