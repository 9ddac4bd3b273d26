export * from './fake-clock.js';
export * from './bus/inbox.js';
export * from './bus/message-bus-conformance.js';
export * from './eventually.js';
export * from './store/index.js';
