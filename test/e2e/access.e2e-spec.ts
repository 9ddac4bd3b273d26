import { describeAccess } from './access.js';
import { startStandalone } from './deployment.js';

describeAccess('access, standalone', (env) => startStandalone(env));
