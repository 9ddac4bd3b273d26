export { AdaptersModule } from './adapters.module.js';
export { openAdapters } from './open-adapters.js';
export type { Adapters, OpenOptions } from './open-adapters.js';
export { FilesystemBlobStore } from './blobs/filesystem/index.js';
export { InProcessBus } from './bus/in-process/index.js';
export { MemoryResponseCache } from './cache/memory/index.js';
export { SystemClock } from './clock/index.js';
export { openSqliteStores } from './store/sqlite/index.js';
export type { SqliteStores } from './store/sqlite/index.js';
