export * from './rabbit-bus.js';
