import { startStandalone } from './deployment.js';
import { describeScheduling } from './scheduling.js';

describeScheduling('scheduling, standalone', () => startStandalone());
