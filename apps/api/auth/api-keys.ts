import { LRUCache } from 'lru-cache';
import { describeTraceId, formatTimestamp, InvalidInput, NotFound } from '#core';
import type { ApiKey, ApiKeyStore, Clock, KeyStore, Principal, Scope, SpecStore } from '#core';
import { apiKeyHash, apiKeyIdOf, isHashOf, isOurs, makeApiKeyText } from './api-key-text.js';

/** How long what the database said of a key is believed: what another process revokes lets nobody in after that. */
const BELIEVED_MS = 1_000;
/** How many keys are remembered: the least recently used go first. */
const MOST_REMEMBERED = 10_000;
/** A use is noted if the last one is as long ago. */
const NOTE_EVERY_MS = 60_000;

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Trace ids of Specs; undefined means all of the project. */
  readonly specs?: readonly string[] | undefined;
  readonly expiresAt?: number | undefined;
}

interface Remembered {
  readonly key: ApiKey | null;
  readonly readAt: number;
  notedAt: number;
}

/**
 * The API keys of an installation. A key carries a tag that only the installation can make, so that made-up ones are
 * refused before anything is looked up or remembered; of its own ones each is looked up once a second at most.
 */
export class ApiKeys {
  private readonly remembered = new LRUCache<string, Remembered>({ max: MOST_REMEMBERED });
  private readonly underWay = new Map<string, Promise<Remembered>>();
  private tagKey: Buffer | undefined;

  constructor(
    private readonly store: ApiKeyStore,
    private readonly keys: KeyStore,
    private readonly specs: SpecStore,
    private readonly clock: Clock,
  ) {}

  /**
   * The key that a text proves, if it lets somebody in; null if not, whatever the reason. At once where it can be told at
   * once. @throws Unavailable when the database is needed and away.
   */
  check(text: string): ApiKey | null | Promise<ApiKey | null> {
    const traceId = apiKeyIdOf(text);
    if (traceId === undefined) return null;
    if (!this.tagKey) return this.readTagKey().then(() => this.check(text));
    if (!isOurs(text, this.tagKey)) return null;
    const known = this.remembered.get(traceId);
    if (known && Math.abs(this.clock.now() - known.readAt) <= BELIEVED_MS) return this.judge(text, known);
    return this.look(traceId, known).then((found) => this.judge(text, found));
  }

  /**
   * Makes a key of the caller's project. @returns it, and its text, which is known to nobody afterwards.
   * @throws InvalidInput for scopes that the caller lacks, Specs that it cannot see, or an end that is past or later than its
   *   own; Conflict when the project has too many.
   */
  async make(caller: Principal, input: NewApiKey): Promise<{ key: ApiKey; text: string }> {
    const { name, scopes, specs, expiresAt } = input;
    const now = this.clock.now();
    const lacking = scopes.filter((scope) => !caller.scopes.has(scope));
    if (lacking.length > 0) throw new InvalidInput('SCOPE_LACKING', lackingScopes(lacking));
    if (expiresAt !== undefined && expiresAt <= now) {
      throw new InvalidInput('EXPIRY_PAST', 'Expected expires_at to lie ahead, got a time that is past.');
    }
    if (caller.expiresAt !== undefined && (expiresAt ?? Infinity) > caller.expiresAt) throw outlives(caller.expiresAt);
    for (const traceId of new Set(specs)) await this.checkSpec(caller, traceId);
    const { traceId, text } = makeApiKeyText(this.tagKey ?? (await this.readTagKey()));
    const key: ApiKey = {
      ...{ traceId, project: caller.project, name, scopes, specs: specs ?? null, hash: apiKeyHash(text) },
      ...{ createdBy: caller.id, createdAt: now, expiresAt: expiresAt ?? null, lastUsedAt: null },
    };
    await this.store.insert(key);
    return { key, text };
  }

  /** The keys of the caller's project, newest first. */
  list({ project }: Principal): Promise<ApiKey[]> {
    return this.store.list(project);
  }

  /** @throws NotFound */
  async find({ project }: Principal, traceId: string): Promise<ApiKey> {
    const key = await this.store.find(project, traceId);
    if (!key) throw keyNotFound(traceId);
    return key;
  }

  /** Revokes a key: at once in this process, in others within a second. @throws NotFound */
  async revoke({ project }: Principal, traceId: string): Promise<void> {
    const isRemoved = await this.store.remove(project, traceId);
    this.forget(traceId);
    if (!isRemoved) throw keyNotFound(traceId);
  }

  private forget(traceId: string): void {
    this.remembered.delete(traceId);
    // What is being read may be from before.
    this.underWay.delete(traceId);
  }

  private judge(text: string, found: Remembered): ApiKey | null {
    const { key } = found;
    const now = this.clock.now();
    if (!key || !isHashOf(key.hash, text)) return null;
    if (key.expiresAt !== null && key.expiresAt <= now) return null;
    if (Math.abs(now - found.notedAt) >= NOTE_EVERY_MS) {
      found.notedAt = now;
      // Nobody waits for it; what is lost is noted with a later use.
      void this.store.noteUse(key.traceId, now).catch(() => undefined);
    }
    return key;
  }

  private look(traceId: string, known: Remembered | undefined): Promise<Remembered> {
    const looking = this.underWay.get(traceId);
    if (looking) return looking;
    const readAt = this.clock.now();
    const reading = this.store.find(null, traceId).then((key) => {
      const notedAt = Math.max(known?.notedAt ?? 0, key?.lastUsedAt ?? 0);
      const found = { key, readAt, notedAt };
      if (this.underWay.get(traceId) === ending) this.remembered.set(traceId, found);
      return found;
    });
    const ending: Promise<Remembered> = reading.finally(() => {
      if (this.underWay.get(traceId) === ending) this.underWay.delete(traceId);
    });
    this.underWay.set(traceId, ending);
    return ending;
  }

  private async readTagKey(): Promise<Buffer> {
    return (this.tagKey ??= await this.keys.key('api-keys'));
  }

  private async checkSpec(caller: Principal, traceId: string): Promise<void> {
    const isSeen = caller.specs?.has(traceId) ?? true;
    if (isSeen && (await this.specs.find(caller.project, traceId))) return;
    const sentence = `Expected specs to hold trace ids of specs of this project, got ${describeTraceId(traceId)}, which names none.`;
    throw new InvalidInput('SPEC_UNKNOWN', sentence);
  }
}

function lackingScopes(lacking: readonly Scope[]): string {
  return `Expected scopes that whoever makes the key has itself, got ${lacking.join(', ')}.`;
}

function outlives(end: number): InvalidInput {
  const most = `to be no later than the end of the key that makes it (${formatTimestamp(end)})`;
  return new InvalidInput('EXPIRY_LATER', `Expected expires_at ${most}, got a later time or none.`);
}

function keyNotFound(traceId: string): NotFound {
  return new NotFound(
    'KEY_NOT_FOUND',
    `Expected the trace id of an API key, got ${describeTraceId(traceId)}, which names none.`,
  );
}
