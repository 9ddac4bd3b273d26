export * from './open-mongo-stores.js';
