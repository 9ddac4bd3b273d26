import { startStandalone } from './deployment.js';
import { describeDocuments } from './documents.js';

describeDocuments('documents and calls of them, standalone', startStandalone);
