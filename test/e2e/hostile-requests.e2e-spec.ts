import { ENVIRONMENT } from '../../tools/security/requests/index.js';
import { startStandalone } from './deployment.js';
import { describeHostileRequests } from './hostile-requests.js';

describeHostileRequests('hostile requests to standalone', () => startStandalone(ENVIRONMENT));
