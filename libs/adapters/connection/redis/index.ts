export * from './fault-reporter.js';
export * from './redis-connection.js';
