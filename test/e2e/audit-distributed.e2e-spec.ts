import { describeWithServer } from '../setup/real-servers.js';
import { describeAudit } from './audit.js';
import { isolated, startDistributed } from './deployment.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  const own = env.MONGODB_URI ? isolated(env) : env;
  describeAudit('the audit log, with api, two workers and apidoc apart', () => startDistributed(own));
});
