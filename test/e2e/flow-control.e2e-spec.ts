import { startStandalone } from './deployment.js';
import { describeFlowControl, FLOW_ENVIRONMENT } from './flow-control.js';

describeFlowControl('flow control, standalone', () => startStandalone(FLOW_ENVIRONMENT));
