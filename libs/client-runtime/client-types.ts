/**
 * The types of a generated client, without any import: this file is copied as it stands into the folder of each
 * client, which type-checks with nothing installed. `Paths` is the `paths` interface that openapi-typescript makes of
 * a document.
 */

/** An operation table: pure data, made from a document. Only the runtime looks inside. */
export interface ClientTable {
  readonly format: 1;
  readonly operations: readonly object[];
}

export interface ClientOptions {
  /** Base URL, in place of the document's servers. Needed where the document names none that is absolute. */
  readonly url?: string | undefined;
  /** Values for the variables of the document's servers. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
  /** Sent with each call; a call's own headers of the same name win, in whatever case they are written. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For a whole call, redirects and body included, in milliseconds. Default one hour. */
  readonly timeoutMs?: number | undefined;
  /** The longest body that is taken, in bytes. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace';

/** The paths of a document that have this method. */
export type PathOf<Paths, M extends Method> = {
  [P in keyof Paths]: Paths[P] extends Record<M, infer Operation>
    ? [Operation] extends [undefined]
      ? never
      : P
    : never;
}[keyof Paths] &
  string;

/** The operation behind a path and a method. */
export type OperationOf<Paths, P extends keyof Paths, M extends Method> =
  Paths[P] extends Record<M, infer Operation> ? Operation : never;

/**
 * A client of one service. Each method takes a path of the document and gives a result that `ok` tells apart; it
 * rejects only when no whole answer came.
 */
export type Client<Paths> = {
  readonly [M in Method]: <P extends PathOf<Paths, M>>(
    path: P,
    ...init: CallArguments<OperationOf<Paths, P, M>>
  ) => Promise<Result<OperationOf<Paths, P, M>>>;
} & {
  /** The same by method name, in lower case. */
  readonly request: <M extends Method, P extends PathOf<Paths, M>>(
    method: M,
    path: P,
    ...init: CallArguments<OperationOf<Paths, P, M>>
  ) => Promise<Result<OperationOf<Paths, P, M>>>;
  /** Closes the connections. A program that ends anyway need not. */
  readonly close: () => Promise<void>;
};

/** What a call needs; it may be left out where everything in it may. */
export type CallArguments<Operation> =
  object extends CallInit<Operation> ? [init?: CallInit<Operation>] : [init: CallInit<Operation>];

export type CallInit<Operation> = ParamsInit<Operation> & BodyInit<Operation> & CallSettings;

export interface CallSettings {
  /** Headers beyond those that the document declares. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: Abort | undefined;
}

/** As much of an AbortSignal as is needed. */
export interface Abort {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** `{ params: { path, query, header, cookie } }`, each as the document has it. */
export type ParamsInit<Operation> = Operation extends { parameters: infer Parameters }
  ? object extends Given<Parameters>
    ? { readonly params?: Given<Parameters> | undefined }
    : { readonly params: Given<Parameters> }
  : { readonly params?: undefined };

/** Without the places that hold nothing. */
type Given<Parameters> = {
  [
    Place in keyof Parameters as [Exclude<Parameters[Place], undefined>] extends [never] ? never : Place
  ]: Parameters[Place];
};

export type BodyInit<Operation> = Operation extends { requestBody: { content: infer Content } }
  ? BodyOf<Content>
  : Operation extends { requestBody?: infer Body }
    ? Exclude<Body, undefined> extends { content: infer Content }
      ? BodyOf<Content> | { readonly body?: undefined; readonly contentType?: undefined }
      : { readonly body?: undefined; readonly contentType?: undefined }
    : { readonly body?: undefined; readonly contentType?: undefined };

/** The body in one of its media types. Name the type where the document declares several. */
export type BodyOf<Content> = {
  [Type in keyof Content]: {
    readonly body: BodyValue<Content[Type], Type>;
    readonly contentType?: Type | undefined;
  };
}[keyof Content];

type BodyValue<Value, Type> = Type extends `multipart/${string}`
  ? { [Name in keyof Value]: PartValue<Value[Name]> }
  : Type extends `${string}json${string}` | 'application/x-www-form-urlencoded'
    ? Value
    : Value | Uint8Array | FileValue;

type PartValue<Value> =
  | Value
  | (string extends Value ? Uint8Array | FileValue : never)
  | (Value extends readonly (infer Item)[] ? readonly PartValue<Item>[] : never);

/** A file with a name and a type of its own. */
export interface FileValue {
  readonly $file: {
    readonly base64: string | Uint8Array;
    readonly filename?: string;
    readonly content_type?: string;
  };
}

/** An answer: `data` where `ok`, else `error`, each as the document has it for that status. */
export type Result<Operation> = Operation extends { responses: infer Responses }
  ? AnswerOf<Responses>
  : Success<number, unknown> | Failure<number, unknown>;

export interface Success<Status, Data> {
  readonly ok: true;
  readonly status: Status;
  readonly headers: AnswerHeaders;
  readonly data: Data;
  readonly error?: undefined;
}

export interface Failure<Status, Data> {
  readonly ok: false;
  readonly status: Status;
  readonly headers: AnswerHeaders;
  readonly data?: undefined;
  readonly error: Data;
}

/** By lower-case name; values that came several times are joined by `, `. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

type SuccessKey<Responses> = Extract<keyof Responses, SuccessStatus>;
type SuccessStatus = 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226 | '2XX' | '2xx';
type OtherStatus =
  'default' | `1${string}` | `3${string}` | 100 | 101 | 102 | 103 | 300 | 301 | 302 | 303 | 304 | 307 | 308;

type AnswerOf<Responses> =
  | ([SuccessKey<Responses>] extends [never]
      ? Success<number, 'default' extends keyof Responses ? DataOf<Responses['default']> : unknown>
      : { [Key in SuccessKey<Responses>]: Success<StatusOf<Key>, DataOf<Responses[Key]>> }[SuccessKey<Responses>])
  | ([FailureKey<Responses>] extends [never]
      ? Failure<number, 'default' extends keyof Responses ? DataOf<Responses['default']> : unknown>
      : | {
            [Key in FailureKey<Responses>]: Failure<StatusOf<Key>, DataOf<Responses[Key]>>;
          }[FailureKey<Responses>]
        | ('default' extends keyof Responses ? Failure<number, DataOf<Responses['default']>> : never));

type FailureKey<Responses> = Exclude<keyof Responses, SuccessStatus | OtherStatus>;

type StatusOf<Key> = Key extends number ? Key : number;

type DataOf<Response> = Response extends { content: infer Content }
  ? [Content[keyof Content]] extends [never]
    ? undefined
    : Content[keyof Content]
  : undefined;

/** Makes a client of a table. */
export type CreateClient = <Paths>(table: ClientTable, options?: ClientOptions) => Client<Paths>;

/**
 * Reads the table of a generated client, which lies beside the module that asks.
 * @param meta the module's `import.meta`.
 */
export type ReadTable = (meta: object, file: string) => ClientTable;

/**
 * The command-line form of a generated client: reads `{"spec": …, "scheduler_process": …}` from standard input, makes
 * the call, writes the answer's bytes to standard output. On failure it writes `{"error": true, "message": …}` and
 * the exit code is 1.
 * @param meta the `import.meta` of a module that lies in a folder beside the table.
 */
export type RunCommand = (meta: object, file: string) => Promise<void>;
