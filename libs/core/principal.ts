/**
 * What a credential may do, each apart from the others: `read` looks at Specs, processes and answers; `schedule` makes,
 * cancels and replays processes; `manage` registers, changes, pauses and deletes Specs and handles dead letters; `admin`
 * handles projects, keys and the audit log.
 */
export const SCOPES = ['read', 'schedule', 'manage', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks: what a request has proved itself to be. Holds no secret. */
export interface Principal {
  /** Of whom, for the audit log: `user:NAME`, or `key:` with the key's trace id. */
  readonly id: string;
  /** The project it acts in; nothing of another one exists for it. */
  readonly project: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Whether it may act in every project, and so see, make and remove them; absent: in this one alone. */
  readonly everyProject?: boolean;
  /** Trace ids of the only Specs that it may see and use; undefined means all of its project. */
  readonly specs?: ReadonlySet<string>;
  /** When its credential ends, in epoch milliseconds; undefined: not by itself. */
  readonly expiresAt?: number;
}

/** Whether somebody may see and use a Spec of this trace id and its processes; null stands for none. */
export function seesSpec({ specs }: Pick<Principal, 'specs'>, traceId: string | null): boolean {
  return specs === undefined || (traceId !== null && specs.has(traceId));
}
