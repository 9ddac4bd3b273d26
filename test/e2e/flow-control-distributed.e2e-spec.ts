import { describeWithServer } from '../setup/real-servers.js';
import { isolated, startDistributed } from './deployment.js';
import { describeFlowControl, FLOW_ENVIRONMENT } from './flow-control.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  describeFlowControl('flow control, with api, two workers and apidoc apart', () =>
    startDistributed({ ...isolated(env), ...FLOW_ENVIRONMENT }),
  );
});
