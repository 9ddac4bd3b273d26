export * from './address.js';
export * from './keeper.js';
export * from './within.js';
