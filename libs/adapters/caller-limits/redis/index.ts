export * from './redis-caller-limits.js';
