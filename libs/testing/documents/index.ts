export * from './bombs.js';
export * from './broken.js';
export * from './losses.js';
export * from './rich.js';
export * from './texts.js';
