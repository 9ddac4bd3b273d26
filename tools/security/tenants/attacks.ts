import type { ApiOperation } from './operations.js';
import type { Ask, Tenant } from './tenant.js';
import { unknownTraceId } from './tenant.js';

/** A request that names something: what another tenant has, or what nobody ever had. */
export interface Attack {
  readonly name: string;
  /** What another one has. */
  readonly value: string;
  /** The same of nobody. */
  readonly unknown: string;
  readonly ask: (value: string) => Ask;
  /** It must be answered with this, whatever is named; unset: with anything that is the same for both. */
  readonly status?: number;
  /** Only by an API key: a user of the installation may see all projects. */
  readonly onlyKey?: boolean;
}

const FRESH = { name: 'never-there', service: 'never-there', key: 'never-there' } as const;

/** Every request of an operation in which an attacker names what a victim has. */
export function attacksOf(operation: ApiOperation, attacker: Tenant, victim: Tenant): Attack[] {
  return operation.names.flatMap((place) => {
    const made = attacksAt(operation, place, attacker, victim);
    if (made.length === 0) throw new Error(`Expected an attack by ${place} of ${operation.id}.`);
    return made.map((attack) => ({ ...attack, name: `${operation.id}, ${place}${attack.name}` }));
  });
}

function attacksAt(operation: ApiOperation, place: string, attacker: Tenant, victim: Tenant): Attack[] {
  const { id, method, path, body } = operation;
  switch (place) {
    case 'path trace_id':
      return Object.entries(victim.traceIds).map(([kind, value]) => {
        const ask = (traceId: string) => ({ method, path: filled(path, { trace_id: traceId }), body });
        return { name: ` of ${kind}`, value, unknown: unknownTraceId(), ask, status: 404 };
      });
    case 'path name': {
      const ask = (name: string) => ({ method, path: filled(path, { name }), body });
      return [{ name: '', value: victim.project, unknown: FRESH.name, ask, status: 404, onlyKey: true }];
    }
    case 'query service':
      // Those that this makes of the name do not end in ERROR.
      return [
        named(`${victim.service}-dead`, FRESH.service, (service) => ({
          method,
          path: id === 'listDeadLetters' ? `${path}?service=${service}` : `${path}?service=${service}&status=ERROR`,
        })),
      ];
    case 'query key':
      return [named(victim.key, FRESH.key, (key) => ({ method, path: `${path}?key=${key}&status=ERROR` }))];
    case 'query cursor':
    case 'body cursor':
      return [cursorAttack(operation, place, victim)];
    case 'header Idempotency-Key': {
      const call = id === 'createSchedulerProcess' ? callOf(attacker) : undefined;
      const own = filled(path, { trace_id: attacker.traceIds.ended });
      const ask = (key: string) => ({ method, path: own, body: call, headers: { 'idempotency-key': key } });
      return [{ ...named(victim.idempotencyKey, unknownTraceId(), ask), status: 200 }];
    }
    default:
      return bodyAttacks(operation, place, attacker, victim);
  }
}

function bodyAttacks(
  { id, method, path, body }: ApiOperation,
  place: string,
  attacker: Tenant,
  victim: Tenant,
): Attack[] {
  const own = filled(path, { trace_id: attacker.traceIds.spec });
  switch (`${id} ${place}`) {
    case 'createSpec body name':
    case 'validateSpec body name':
      // That it can be taken is tried at the end: what is refused here is refused for the document.
      return [named(victim.service, FRESH.name, (name) => ({ method, path, body: { name, headers: {}, spec: '!' } }))];
    case 'changeSpec body name':
      return [named(victim.service, FRESH.name, (name) => ({ method, path: own, body: { name, spec: '!' } }))];
    case 'createProject body name':
      return [{ ...named(victim.project, FRESH.name, (name) => ({ method, path, body: { name } })), onlyKey: true }];
    case 'createApiKey body name':
      return [named(victim.project, FRESH.name, (name) => ({ method, path, body: { name, scopes: ['read'] } }))];
    case 'createApiKey body specs': {
      const ask = (spec: string) => ({ method, path, body: { name: 'one', scopes: ['read'], specs: [spec] } });
      return [named(victim.traceIds.spec, unknownTraceId(), ask)];
    }
    case 'pauseSpec body key':
    case 'resumeSpec body key':
      return [named(victim.key, FRESH.key, (key) => ({ method, path: own, body: { key } }))];
    case 'createSchedulerProcess body service':
      return ['', 'handling=strict'].map((prefer) => {
        const ask = (service: string) => ({
          method,
          path,
          body: { ...callOf(attacker), service },
          headers: { prefer },
        });
        return { ...named(victim.service, FRESH.service, ask), name: ` ${prefer}` };
      });
    case 'createSchedulerProcess body key':
      return [named(victim.key, FRESH.key, (key) => ({ method, path, body: { ...callOf(attacker), key } }))];
    case 'createSchedulerProcess body req_body': {
      const unknown = attacker.blob.replace(/[A-Za-z0-9]{32}$/, 'x'.repeat(32));
      return [victim.blob, victim.blob.replace(/^.*\//, attacker.blob.replace(/[^/]*$/, ''))].map((value) => {
        const ask = (blob: string) => ({
          ...{ method, path, headers: { prefer: 'handling=strict' } },
          body: { ...callOf(attacker), method: 'POST', endpoint: '/bytes', req_body: { $file: { blob } } },
        });
        return { ...named(value, unknown, ask), status: 422 };
      });
    }
    case 'createSchedulerProcesses body processes': {
      const ask = (service: string) => ({ method, path, body: { processes: [{ ...callOf(attacker), service }] } });
      return [named(victim.service, FRESH.service, ask)];
    }
    case 'replayDeadLetters body service':
    case 'purgeDeadLetters body service':
      return [
        named(`${victim.service}-dead`, FRESH.service, (service) => ({ method, path, body: { ...body, service } })),
      ];
    default:
      return [];
  }
}

/** A place in somebody else's list gives a page of one's own; one that nobody had is refused as such. */
function cursorAttack({ id, method, path }: ApiOperation, place: string, victim: Tenant): Attack {
  const value = id === 'listSchedulerProcesses' ? victim.cursors.processes : victim.cursors.letters;
  const ask = (cursor: string) => {
    return place === 'query cursor'
      ? { method, path: `${path}?cursor=${encodeURIComponent(cursor)}&limit=1000` }
      : { method, path, body: { cursor, dry_run: true } };
  };
  return { name: '', value, unknown: value, ask };
}

function named(value: string, unknown: string, ask: (value: string) => Ask): Attack {
  return { name: '', value, unknown, ask };
}

function callOf({ service, key }: Tenant) {
  return { service, method: 'GET', endpoint: '/now', key, delay: 'P1D' };
}

function filled(path: string, values: Readonly<Record<string, string>>): string {
  const all: Readonly<Record<string, string>> = { offset: '0', limit: '10', generator: 'go', version: '1', ...values };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(all[name] ?? ''));
}
