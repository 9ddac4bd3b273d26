export * from './rabbit-bus.js';
export { topologyOf } from './topology.js';
