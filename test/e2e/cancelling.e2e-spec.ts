import { startStandalone } from './deployment.js';
import { describeCancelling } from './cancelling.js';

describeCancelling('cancelling, standalone', () => startStandalone());
