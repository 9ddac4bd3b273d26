import { ENVIRONMENT } from '../../tools/security/requests/index.js';
import { describeWithServer } from '../setup/real-servers.js';
import { isolated, startDistributed } from './deployment.js';
import { describeHostileRequests } from './hostile-requests.js';

const servers = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

describeWithServer(servers, 'on real servers', (env) => {
  describeHostileRequests('hostile requests to api and apidoc apart', () =>
    startDistributed({ ...isolated(env), ...ENVIRONMENT }),
  );
});
