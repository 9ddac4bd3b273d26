import { startStandalone } from './deployment.js';
import { describeLists } from './lists.js';

describeLists('many processes, standalone', () => startStandalone());
