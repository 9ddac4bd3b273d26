import { describeWithServer } from '../setup/real-servers.js';
import { isolated, startDistributed } from './deployment.js';
import { describeTracing } from './tracing.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  const title = 'traces, with api, two workers and apidoc apart';
  describeTracing(title, (tracing) => startDistributed({ ...isolated(env), ...tracing }));
});
