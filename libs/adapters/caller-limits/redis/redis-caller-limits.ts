import { createHmac } from 'node:crypto';
import { CallerLimits, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, messageOf, MOST_LOGINS_KEPT, UNDER_ATTACK } from '#core';
import type { Allowance, Clock, Login, LoginPolicy, RequestRate } from '#core';
import type { Encryption } from '#encryption';
import type { RedisConnection, Script } from '../../connection/redis/index.js';
import { FaultReporter } from '../../connection/redis/index.js';
import { MemoryCallerLimits } from '../memory/index.js';
import { FAILED, KNOWN, PAUSE, SUCCEEDED, TAKE } from './scripts.js';

export interface RedisCallerLimitsOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  /** Whose keys name what is kept, so that nothing of a caller can be told from it, or guessed. */
  readonly encryption: Encryption;
  /** What each key in Redis starts with (`callboard:`). */
  readonly prefix?: string | undefined;
  /** How many networks and how many names are kept (20,000). */
  readonly mostKept?: number | undefined;
  /** Told at most once a minute that Redis could not be asked: the newest reason, and how often since last told. */
  readonly onFault?: ((fault: string, count: number) => void) | undefined;
}

/** How long after its last login on a new connection a credential is known by all APIs, in milliseconds. */
const KNOWN_MS = 86_400_000;

/**
 * What all APIs of an installation count together, each question by one script. Without its server each API goes by what
 * it has seen of failed logins itself, and counts requests from nothing: limits hold per API then.
 */
export class RedisCallerLimits extends CallerLimits {
  private readonly alone: MemoryCallerLimits;
  private readonly reporter: FaultReporter;
  private readonly secret: Buffer;

  constructor(private readonly options: RedisCallerLimitsOptions) {
    super();
    const { clock, encryption, onFault } = options;
    this.alone = new MemoryCallerLimits(clock);
    this.reporter = new FaultReporter(clock, onFault);
    this.secret = encryption.keyOf(encryption.keys.current, { project: '', kind: 'caller limits', id: '' });
  }

  async take(owner: string, rate: RequestRate): Promise<Allowance> {
    const costMs = 1_000 / rate.perSecond;
    const answer = await this.ask(TAKE, [this.key('rate', this.mark('owner', owner))], [costMs, rate.burst * costMs]);
    if (!answer) return this.alone.take(owner, rate);
    const [isAllowed, paidMs] = answer;
    return { isAllowed: isAllowed === 1, paidMs: Number(paidMs) };
  }

  pauseMs(login: Login): number | Promise<number> {
    return this.alone.isKnown(login) ? 0 : this.askForPause(login);
  }

  pauseNowMs(login: Login): number {
    return this.alone.pauseNowMs(login);
  }

  async failed(login: Login, policy: LoginPolicy): Promise<void> {
    this.alone.failed(login, policy);
    const { failures, windowMs } = policy;
    const most = this.options.mostKept ?? MOST_LOGINS_KEPT;
    const pauses = [FIRST_PAUSE_MS, LONGEST_PAUSE_MS, failures * UNDER_ATTACK];
    await this.ask(
      FAILED,
      ['networks', 'networks:order', 'names', 'names:order'].map((part) => this.key(part)),
      [this.network(login), this.name(login), failures, windowMs, ...pauses, most],
    );
  }

  succeeded(login: Login): void {
    this.alone.succeeded(login);
    const keys = [this.key('networks'), this.key('networks:order'), this.knownKey(login)];
    void this.ask(SUCCEEDED, keys, [this.network(login), this.name(login), KNOWN_MS]);
  }

  private async askForPause(login: Login): Promise<number> {
    const keys = [this.key('networks'), this.knownKey(login)];
    const pauseMs = await this.ask(PAUSE, keys, [this.network(login), LONGEST_PAUSE_MS]);
    if (pauseMs === KNOWN) this.alone.noteKnown(login);
    return pauseMs === undefined ? this.alone.pauseMs(login) : Math.max(0, pauseMs);
  }

  private network({ network }: Login): string {
    return this.mark('network', network);
  }

  private name({ name }: Login): string {
    return this.mark('name', name);
  }

  private knownKey({ network, credential }: Login): string {
    return this.key('known', this.mark('login', network, credential));
  }

  private key(...parts: readonly string[]): string {
    return `${this.options.prefix ?? 'callboard:'}caller:${parts.join(':')}`;
  }

  private mark(...parts: readonly string[]): string {
    return createHmac('sha256', this.secret).update(JSON.stringify(parts)).digest('base64url');
  }

  /** Runs a script. @returns undefined when Redis could not be asked. */
  private async ask<Answer>(
    script: Script<Answer>,
    keys: readonly string[],
    row: readonly (string | number)[],
  ): Promise<Answer | undefined> {
    try {
      return await this.options.connection.ask((redis) => script.run(redis, keys, row));
    } catch (error) {
      this.reporter.record(new Error(`limits of callers hold per API: ${messageOf(error)}`));
      return undefined;
    }
  }
}
