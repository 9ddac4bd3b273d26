import { describeWithServer } from '../setup/real-servers.js';
import { isolated, startDistributed } from './deployment.js';
import { describeTenantIsolation } from './tenant-isolation.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  describeTenantIsolation('tenants, with api, two workers and apidoc apart', () => startDistributed(isolated(env)));
});
