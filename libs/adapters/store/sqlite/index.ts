export * from './open-sqlite-stores.js';
