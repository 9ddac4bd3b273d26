export * from './memory-flow-control.js';
