import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DEFAULT_PROJECT, newTraceId } from '#core';
import type { AuditRecord, AuditStore, Clock } from '#core';
import { agentOf } from './auditor.js';

export interface RefusalTallyOptions {
  readonly addressOf: (request: FastifyRequest) => string;
  /** Told when refusals could not be kept yet. */
  readonly onFault: (error: unknown) => void;
}

/** How long refusals that are alike are counted before their number is kept. */
const EVERY_MS = 60_000;
/** How many that are not alike are told apart in that time: what is beyond is counted together. */
const MOST_APART = 20;

type Refused = Pick<AuditRecord, 'project' | 'who' | 'action' | 'target' | 'from' | 'agent'>;

interface Tally extends Refused {
  count: number;
}

/**
 * Puts into the audit log who was refused: failed logins, and requests beyond what a credential may do. The first of a
 * kind is told at once and then how many there were each minute, so that whoever is refused a million times fills no disk
 * with it: at most 41 records a minute.
 */
export class RefusalTally {
  private readonly tallies = new Map<string, Tally>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: AuditStore,
    private readonly clock: Clock,
    private readonly options: RefusalTallyOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Keeps what was counted. Safe to call twice. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.flush();
  }

  /** Counts a request that was answered with 401 or 403. */
  note(request: FastifyRequest): void {
    const refused = this.refusedOf(request);
    const key = JSON.stringify([refused.project, refused.who, refused.action, refused.target, refused.from]);
    const known = this.tallies.get(key);
    if (known) known.count += 1;
    else if (this.tallies.size < MOST_APART) this.begin(key, refused);
    else this.countOther();
  }

  private refusedOf(request: FastifyRequest): Refused {
    const { principal, routeOptions, method } = request;
    const from = this.options.addressOf(request);
    const { need } = routeOptions.config;
    const common = { from, agent: agentOf(request) };
    // Whose name was tried proves nothing, and may be a password in the wrong place.
    if (!principal) return { ...common, project: DEFAULT_PROJECT, who: 'nobody', action: 'login', target: null };
    const action = need?.audits ?? need?.scope ?? 'request';
    return {
      ...common,
      project: principal.project,
      who: principal.id,
      action,
      target: `${method} ${routeOptions.url ?? ''}`,
    };
  }

  private begin(key: string, refused: Refused): void {
    const tally = { ...refused, count: 0 };
    this.tallies.set(key, tally);
    void this.keep(refused, 1).catch((error: unknown) => {
      tally.count += 1;
      this.options.onFault(error);
    });
  }

  private countOther(): void {
    const other = this.tallies.get('other');
    if (other) other.count += 1;
    else {
      const nobody = { who: 'nobody', action: 'login', target: null, from: 'further addresses', agent: '' };
      this.tallies.set('other', { ...nobody, project: DEFAULT_PROJECT, count: 1 });
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.clock.sleep(EVERY_MS, signal);
      if (signal.aborted) return;
      await this.flush();
    }
  }

  /** What cannot be kept is counted on. */
  private async flush(): Promise<void> {
    for (const [key, tally] of this.tallies) {
      const { count } = tally;
      try {
        if (count > 0) await this.keep(tally, count);
        tally.count -= count;
        if (tally.count === 0) this.tallies.delete(key);
      } catch (error) {
        this.options.onFault(error);
        return;
      }
    }
  }

  private keep({ project, who, action, target, from, agent }: Refused, count: number): Promise<void> {
    const at = this.clock.now();
    const outcome = { kind: 'refused', at, ...(count > 1 && { count }) } as const;
    return this.store.append({ traceId: newTraceId(), project, at, who, action, target, from, agent, outcome });
  }
}

/** Has refusals of a server counted. A request without any credentials is a stranger's, and no failed login. */
export function tallyRefusals(server: FastifyInstance, tally: RefusalTally): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply;
    const isRefused = statusCode === 401 || statusCode === 403;
    if (isRefused && (request.principal || request.headers.authorization !== undefined)) tally.note(request);
    done();
  });
}
