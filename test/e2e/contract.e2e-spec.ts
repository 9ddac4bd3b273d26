import { startStandalone } from './deployment.js';
import { describeContract } from './contract.js';

describeContract('the REST contract, standalone', () => startStandalone());
