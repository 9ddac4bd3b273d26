import { startStandalone } from './deployment.js';
import { describeEvents } from './events.js';

describeEvents('events, standalone', () => startStandalone());
