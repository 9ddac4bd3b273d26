export * from './redis-flow-control.js';
