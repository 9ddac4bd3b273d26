export * from './fake-clock.js';
export * from './bus/inbox.js';
export * from './bus/message-bus-conformance.js';
export * from './cache/response-cache-conformance.js';
export * from './eventually.js';
export * from './tcp-proxy.js';
export * from './store/index.js';
export * from './upstream.js';
