import { describeAudit } from './audit.js';
import { startStandalone } from './deployment.js';

describeAudit('the audit log, standalone', () => startStandalone());
