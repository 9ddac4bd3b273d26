import type {
  ApiKeyStore,
  AuditStore,
  DeadLetterStore,
  IdempotencyStore,
  KeyStore,
  LogStore,
  ProcessStore,
  ProjectStore,
  RetentionStore,
  SdkStore,
  SpecStore,
} from '#core';
import type { SqliteStores } from '../open-sqlite-stores.js';

/** The stores of an embedded database by their names. */
export type StoreName = Exclude<keyof SqliteStores, 'close' | 'mayHoldPlain'>;

/** What of each store goes to the thread that has the database: every method of its port. */
export const STORE_METHODS = {
  specs: named<SpecStore>()([
    'insert',
    'find',
    'findByName',
    'list',
    'update',
    'pause',
    'archive',
    'claim',
    'advance',
    'renew',
    'due',
    'versions',
    'findVersion',
    'countDrift',
    'drifts',
    'saveClient',
    'findClient',
  ]),
  processes: named<ProcessStore>()([
    'insert',
    'find',
    'findState',
    'findResponse',
    'list',
    'claim',
    'renew',
    'held',
    'handBack',
    'noteSending',
    'noteUnsent',
    'tryLater',
    'complete',
    'cancel',
    'onCancelled',
    'noteCalls',
    'findMany',
    'onChanged',
    'unended',
    'release',
    'parkedSpecs',
    'heldSpecs',
    'heldKeys',
    'heldLine',
    'releaseHeld',
    'dueTimed',
    'nextTimed',
    'followClock',
    'backlog',
    'countUnended',
    'due',
  ]),
  sdks: named<SdkStore>()(['ask', 'find', 'list', 'claim', 'renew', 'finish']),
  idempotency: named<IdempotencyStore>()(['take', 'end', 'giveUp', 'sweep']),
  keys: named<KeyStore>()(['key']),
  projects: named<ProjectStore>()(['insert', 'find', 'list', 'update']),
  apiKeys: named<ApiKeyStore>()(['insert', 'find', 'list', 'remove', 'removeAll', 'noteUse']),
  audit: named<AuditStore>()(['append', 'end', 'list', 'sweep']),
  deadLetters: named<DeadLetterStore>()(['append', 'list', 'payload', 'remove', 'sweep']),
  retention: named<RetentionStore>()([
    'keptBytes',
    'oldProcesses',
    'removeProcesses',
    'oldResponses',
    'removeResponses',
    'archives',
    'removeArchive',
    'unnamed',
  ]),
  logs: named<LogStore>()(['append', 'latest', 'sweep']),
} as const satisfies Record<StoreName, readonly string[]>;

/** Those that take a listener and answer at once: that nothing else changes what they tell of. */
export const LISTENED = new Set(['onCancelled', 'onChanged']);
/** Those that give one thing after the other. */
export const STREAMED = new Set(['archives']);

/** Takes the names of a port's methods; one that is missing does not compile. */
function named<Port>() {
  return <const Names extends readonly (keyof Port & string)[]>(
    names: Exclude<keyof Port, Names[number]> extends never ? Names : never,
  ): Names => names;
}
