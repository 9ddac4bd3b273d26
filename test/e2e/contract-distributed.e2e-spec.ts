import { describeWithServer } from '../setup/real-servers.js';
import { isolated, startDistributed } from './deployment.js';
import { describeContract } from './contract.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  describeContract('the REST contract, with api, two workers and apidoc apart', () => startDistributed(isolated(env)));
});
