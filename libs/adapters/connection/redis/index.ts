export * from './fault-reporter.js';
export * from './redis-connection.js';
export * from './script.js';
