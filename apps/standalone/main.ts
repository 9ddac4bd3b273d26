import 'reflect-metadata';
import { onBackends, runApp } from '../process/run-app.js';
import { startStandalone } from './start.js';

await runApp('standalone', onBackends(startStandalone));
