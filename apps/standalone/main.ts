import 'reflect-metadata';
import { runApp } from '../process/run-app.js';
import { startStandalone } from './start.js';

await runApp('standalone', startStandalone);
