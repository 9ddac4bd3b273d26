export * from './memory/index.js';
export * from './redis/index.js';
