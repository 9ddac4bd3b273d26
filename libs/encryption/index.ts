export {
  decryptChunks,
  encryptChunks,
  encryptWhole,
  isCurrentStream,
  isEncryptedStream,
  plainBytesOf,
} from './chunks.js';
export { Encryption } from './encryption.js';
export { findKeyFile, openKeyFile } from './key-file.js';
export { KeyRing } from './key-ring.js';
export { mayNeedRewriting, rewrittenState, settleKeys, tellsOfKeys } from './key-state.js';
export type { Found, KeyState } from './key-state.js';
export { makePrivateFolder } from './private-folder.js';
export type { Place } from './place.js';
export { RewritingEncryption } from './rewriting-encryption.js';
export type { Rewritable } from './rewriting-encryption.js';
