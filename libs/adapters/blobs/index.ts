export * from './filesystem/index.js';
export * from './s3/index.js';
