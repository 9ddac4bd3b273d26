import { startStandalone } from './deployment.js';
import { describeTenantIsolation } from './tenant-isolation.js';

describeTenantIsolation('tenants, standalone', () => startStandalone());
