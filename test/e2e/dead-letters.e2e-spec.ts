import { describeDeadLetters } from './dead-letters.js';
import { startStandalone } from './deployment.js';

describeDeadLetters('dead letters, standalone', () => startStandalone());
