export * from './broken.js';
export * from './rich.js';
export * from './texts.js';
