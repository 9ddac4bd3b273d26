import { startStandalone } from './deployment.js';
import { describeSubmission } from './submission.js';

describeSubmission('submission, standalone', () => startStandalone());
