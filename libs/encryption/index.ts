export { decryptChunks, encryptChunks, encryptWhole, isEncryptedStream, plainBytesOf } from './chunks.js';
export { Encryption } from './encryption.js';
export { openKeyFile } from './key-file.js';
export { KeyRing } from './key-ring.js';
export { settleKeys } from './key-state.js';
export { makePrivateFolder } from './private-folder.js';
export type { Place } from './place.js';
