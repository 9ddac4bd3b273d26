export * from './open-sqlite-stores.js';
export * from './thread/open-threaded-stores.js';
