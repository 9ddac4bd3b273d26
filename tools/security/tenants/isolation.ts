import type { Deployment } from '../../../test/e2e/deployment.js';
import { startEcho } from '../../../test/e2e/echo.js';
import type { Echo } from '../../../test/e2e/echo.js';
import type { SuiteReport, Tell } from '../suite.js';
import { attacksOf } from './attacks.js';
import type { Attack } from './attacks.js';
import { apiOperations } from './operations.js';
import type { ApiOperation } from './operations.js';
import { Tenant, unknownTraceId } from './tenant.js';
import type { Answer, Asker } from './tenant.js';

/** Which thing a path with a trace id is about. */
const OWN = [
  ['/v1/api/spec/', 'spec'],
  ['/v1/api/scheduler/process/', 'ended'],
  ['/v1/api/keys/', 'apiKey'],
] as const;
/** What its owner gets no answer of either: nobody has asked for an SDK. */
const NOT_THERE = new Set(['downloadSdk']);
/** How often each of the two is asked for, in turn, to compare their times. */
const TIMED = 300;

/** Tenants of one installation, each of which tries to reach what the others have. */
export class Isolation {
  readonly failures: string[] = [];
  tried = 0;
  through = 0;
  readonly tenants: readonly Tenant[];

  private constructor(
    deployment: Deployment,
    private readonly service: Echo,
    private readonly tell: Tell,
  ) {
    this.tenants = ['default', 'team-a', 'team-b'].map((project) => new Tenant(deployment, project));
  }

  /** Settles three tenants in an installation that nobody has used. */
  static async settle(deployment: Deployment, tell: Tell = () => undefined): Promise<Isolation> {
    const isolation = new Isolation(deployment, await startEcho(), tell);
    for (const tenant of isolation.tenants) await tenant.settle(isolation.service.address);
    return isolation;
  }

  /** Every operation of the document, by every tenant against every other, by a user and by an API key. */
  async attackAll(): Promise<void> {
    const operations = apiOperations();
    for (const operation of operations) await this.checkOwner(operation);
    for (const victim of this.tenants) {
      const before = await victim.view();
      for (const attacker of this.tenants.filter((tenant) => tenant !== victim)) {
        for (const operation of operations) {
          for (const attack of attacksOf(operation, attacker, victim)) await this.attack(attack, attacker, victim);
          if (operation.names.length === 0 && operation.method === 'GET') await this.look(operation, attacker, victim);
        }
        await this.takeOver(attacker, victim);
      }
      if ((await victim.view()) !== before) this.let(`What ${victim.project} has was changed by others.`);
    }
  }

  /**
   * How long it takes to be told that there is nothing, where another project has it, as a multiple of where nobody has:
   * medians of requests in turn.
   */
  async timing(): Promise<Record<'spec' | 'process', number>> {
    const [attacker, victim] = [this.tenants[1], this.tenants[2]];
    if (!attacker || !victim) throw new Error('Expected three tenants.');
    const ratio = async (folder: string, traceId: string) => {
      const times: [number[], number[]] = [[], []];
      for (let n = 0; n < 2 * TIMED; n += 1) {
        const begun = performance.now();
        await attacker.asUser({ method: 'GET', path: `${folder}/${n % 2 === 0 ? traceId : unknownTraceId()}` });
        times[n % 2 === 0 ? 0 : 1].push(performance.now() - begun);
      }
      return medianOf(times[0]) / medianOf(times[1]);
    };
    return {
      spec: await ratio('/v1/api/spec', victim.traceIds.spec),
      process: await ratio('/v1/api/scheduler/process', victim.traceIds.ended),
    };
  }

  report(): SuiteReport {
    const { tried, through, failures } = this;
    return { name: 'tenants', tried, through, failures };
  }

  async close(): Promise<void> {
    await this.service.stop();
  }

  /** An attack is worth something where its owner would get an answer. */
  private async checkOwner({ id, method, path }: ApiOperation): Promise<void> {
    const [, own] = OWN.find(([prefix]) => path.startsWith(prefix)) ?? [];
    if (method !== 'GET' || !own || !path.includes('{trace_id}') || NOT_THERE.has(id)) return;
    for (const tenant of this.tenants) {
      const filled = path.replace('{trace_id}', tenant.traceIds[own]).replace('{version}', '1');
      const { status } = await tenant.asUser({ method, path: filled });
      if (status !== 200) this.failures.push(`${id}: its owner in ${tenant.project} was answered ${status}.`);
    }
  }

  private async attack(attack: Attack, attacker: Tenant, victim: Tenant): Promise<void> {
    const askers = attack.onlyKey === true ? [attacker.asKey] : [attacker.asUser, attacker.asKey];
    for (const asker of askers) {
      const got = await asker(attack.ask(attack.value));
      const never = await asker(attack.ask(attack.unknown));
      const who = `${attack.name}, by ${asker === attacker.asKey ? 'a key' : 'a user'} of ${attacker.project}`;
      this.judge(got, victim, who, attack.value);
      const [seen, expected] = [shapeOf(got, attack.value), shapeOf(never, attack.unknown)];
      if (seen !== expected) this.let(`${who}: answered ${seen}, but for what nobody has ${expected}.`);
      else if (attack.status !== undefined && got.status !== attack.status) {
        this.failures.push(`${who}: expected ${attack.status}, got ${seen}.`);
      }
    }
  }

  /** What names nothing must still tell of nothing. */
  private async look({ id, method, path }: ApiOperation, attacker: Tenant, victim: Tenant): Promise<void> {
    const filled = path.replace('{offset}', '0').replace('{limit}', '1000');
    for (const asker of [attacker.asUser, attacker.asKey]) {
      const answer = await asker({ method, path: filled });
      this.judge(answer, victim, `${id}, by ${attacker.project}`, '');
      if (answer.status !== 200) this.failures.push(`${id}: expected 200, got ${answer.status} ${answer.text}.`);
    }
  }

  /** The same name, the same call and the same header of another project, which are all free to have. */
  private async takeOver(attacker: Tenant, victim: Tenant): Promise<void> {
    const traceId = await attacker.register(victim.service, this.service.address);
    await attacker.ended(`/v1/api/spec/${traceId}/status`);
    const call = await attacker.schedule({ service: victim.service, endpoint: '/now' });
    const process = `/v1/api/scheduler/process/${call}`;
    await attacker.ended(`${process}/status`);
    const answer = await attacker.asUser({ method: 'GET', path: `${process}/response` });
    this.judge(answer, victim, `the name of a spec, by ${attacker.project}`, victim.service);
    if (answer.headers.get('x-cache') !== 'MISS') this.let(`${attacker.project} got an answer from another's cache.`);
    await attacker.asUser({ method: 'DELETE', path: `/v1/api/spec/${traceId}` });
    await this.crossHeader(attacker.asKey, attacker, victim);
  }

  private async crossHeader(asker: Asker, attacker: Tenant, victim: Tenant): Promise<void> {
    const path = '/v1/api/scheduler/processes';
    const [got, never] = [
      await asker({ method: 'GET', path, headers: { 'x-project': victim.project } }),
      await asker({ method: 'GET', path, headers: { 'x-project': 'never-there' } }),
    ];
    const who = `X-Project beside a key of ${attacker.project}`;
    this.judge(got, victim, who, '');
    if (shapeOf(got, '') !== shapeOf(never, '')) this.let(`${who}: answered ${shapeOf(got, '')}.`);
    if (got.status < 400) this.let(`${who}: was let in.`);
  }

  /** Counts an attack, and looks for anything of the victim's in its answer but for what the request said itself. */
  private judge({ status, text }: Answer, victim: Tenant, who: string, said: string): void {
    this.tell((this.tried += 1));
    const told = victim.marks.filter((mark) => mark !== said && text.includes(mark));
    if (told.length > 0) this.let(`${who}: was told ${told.join(', ')} of ${victim.project}.`);
    if (status >= 500) this.failures.push(`${who}: answered ${status} ${text}.`);
  }

  private let(failure: string): void {
    this.through += 1;
    this.failures.push(failure);
  }
}

/** An answer without what it repeats of the request, and without what is new in each answer. */
function shapeOf({ status, headers, text }: Answer, said: string): string {
  const names = [...headers.keys()].filter((name) => name !== 'content-length').sort();
  const body = (said === '' ? text : text.replaceAll(said, '…'))
    .replace(/"(trace_id|key|prefix|last_used_at|created_at)":"[^"]*"/g, '"$1":"…"')
    .replace(/"paused_keys":\[[^\]]*\]/, '"paused_keys":…')
    .replace(/"last_used_at":null/g, '"last_used_at":"…"');
  return `${status} ${body} with ${names.join(', ')}`;
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}
