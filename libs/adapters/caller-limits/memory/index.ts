export * from './memory-caller-limits.js';
