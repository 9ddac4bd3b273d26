/**
 * The types of a generated client. This file and those that it imports import nothing but one another: as one they are
 * copied into the folder of each client, which type-checks with nothing installed. `Paths` and `Operations` are the
 * interfaces of those names that are made of a document, `Credentials` is the one that names its security schemes.
 */
import type { Answered } from './answer-types.js';
import type { AnyCredentials, CallArguments } from './call-types.js';

/** An operation table: pure data, made from a document. Only the runtime looks inside. */
export interface ClientTable {
  readonly format: 1;
  readonly operations: readonly object[];
}

export interface ClientOptions<Credentials = AnyCredentials> {
  /** Base URL, in place of the document's servers. Needed where the document names none that is absolute. */
  readonly url?: string | undefined;
  /** Values for the variables of the document's servers. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
  /** Sent with each call; a call's own headers of the same name win, in whatever case they are written. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** By security scheme of the document. A call sends those that its operation asks for; headers given by hand win. */
  readonly credentials?: Credentials | undefined;
  /** For a whole call, redirects and body included, in milliseconds. Default one hour. */
  readonly timeoutMs?: number | undefined;
  /** The longest body that is taken, in bytes. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace' | 'query';

/**
 * A client of one service. Each call gives a result that `ok` and `status` tell apart; it rejects only when the request
 * cannot be made or no whole answer came.
 */
export type Client<Paths, Operations = unknown, Credentials = AnyCredentials> = {
  /** Calls what the document declares for a path and this method. */
  readonly [M in Method]: <P extends { [P in keyof Paths]: Has<Paths[P], M> extends true ? P : never }[keyof Paths]>(
    path: P,
    ...init: CallArguments<OperationOf<Paths, P, M>, Credentials>
  ) => Answered<OperationOf<Paths, P, M>>;
} & {
  /** The same by path first, with what the document says of each: `client.paths['/users/{id}'].get({ … })`. */
  readonly paths: Named<{
    readonly [P in keyof Paths]: Calls<Pick<Paths[P], MethodOf<Paths[P]>>, Credentials>;
  }>;
  /** The operations that have an id, by it: `client.operations.getUser({ … })`. */
  readonly operations: Named<Calls<Operations, Credentials>>;
  /** The same by the name of the method. */
  readonly request: <
    M extends { [P in keyof Paths]: MethodOf<Paths[P]> }[keyof Paths],
    P extends { [P in keyof Paths]: Has<Paths[P], M> extends true ? P : never }[keyof Paths],
  >(
    method: M,
    path: P,
    ...init: CallArguments<OperationOf<Paths, P, M>, Credentials>
  ) => Answered<OperationOf<Paths, P, M>>;
  /** Closes the connections. A program that ends anyway need not. */
  readonly close: () => Promise<void>;
};

/** A document without any has an index signature in their place, which is not to say that there are some. */
type Named<Members> = string extends keyof Members ? object : Members;

/** Operations as functions. */
type Calls<Operations, Credentials> = {
  readonly [Name in keyof Operations]: (
    ...init: CallArguments<Operations[Name], Credentials>
  ) => Answered<Operations[Name]>;
};

/** The methods of a path: in lower case, but for those that the document itself adds, which are as it writes them. */
export type MethodOf<Item> = {
  [M in keyof Item]-?: M extends 'parameters' ? never : [Exclude<Item[M], undefined>] extends [never] ? never : M;
}[keyof Item];

/** Whether a path has a method: cheaper to ask of all paths than which methods they have. */
type Has<Item, M> = M extends keyof Item ? ([Exclude<Item[M], undefined>] extends [never] ? false : true) : false;

/** The operation behind a path and a method, e.g. `OperationOf<paths, '/users/{id}', 'get'>`. */
export type OperationOf<Paths, P extends keyof Paths, M> = M extends keyof Paths[P] ? Paths[P][M] : never;

/** Makes a client of a table. */
export type CreateClient = <Paths, Operations = unknown, Credentials = AnyCredentials>(
  table: ClientTable,
  options?: ClientOptions<Credentials>,
) => Client<Paths, Operations, Credentials>;

/** What a call rejects with, but for the reason of a signal that ended it. */
export interface CallError {
  readonly name: string;
  readonly message: string;
  /** For programs: `CALL_TIMEOUT`, `CALL_NO_CONNECTION`, `PARAMETER_REQUIRED` and the like. */
  readonly code: string;
  /** Whether anything of the request may have reached the service; unset where it could not even be built. */
  readonly sent?: boolean;
}

/** Whether an error is one that a call rejects with. */
export type IsCallError = (error: unknown) => error is CallError;

/**
 * Reads the table of a generated client.
 * @param meta the `import.meta` of the module that asks.
 * @param file the table's path seen from there.
 */
export type ReadTable = (meta: object, file: string) => ClientTable;

/**
 * The command-line form of a generated client: reads `{"spec": …, "scheduler_process": …}` from standard input, makes
 * the call, writes the answer's bytes to standard output. On failure it writes `{"error": true, "message": …}` and
 * the exit code is 1.
 * @param meta the `import.meta` of the module that asks.
 * @param file the table's path seen from there.
 */
export type RunCommand = (meta: object, file: string) => Promise<void>;
