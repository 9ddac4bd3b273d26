import type { Payload } from './payload.js';

/** What was generated from one version of a Spec. */
export interface Client {
  readonly specTraceId: string;
  readonly project: string;
  /** The Spec's version that it was made from. */
  readonly version: number;
  /** The normalised document as YAML (OpenAPI 3.x). */
  readonly yaml: Payload;
  /** The OperationTable as JSON text. */
  readonly table: Payload;
  /** `types.ts` as text. */
  readonly types: Payload;
  /** The ClientSummary as JSON text. */
  readonly summary: Payload;
  /** The SchemaTable as JSON text. */
  readonly schemas: Payload;
  readonly createdAt: number;
}

/** What REST shows of a Client (`?client=true`). */
export interface ClientSummary {
  /** `"GET /path"` to its path, query and cookie parameters. */
  readonly endpoints: Readonly<Record<string, readonly EndpointParameter[]>>;
  /** Names of header parameters and header security schemes, each once. */
  readonly headers: readonly string[];
  readonly servers: readonly string[];
  /** The first server, or the Spec's own `url`; null when there is neither. */
  readonly url: string | null;
}

export interface EndpointParameter {
  readonly default: unknown;
  readonly enum: readonly unknown[] | null;
  readonly name: string;
  readonly in: 'path' | 'query' | 'querystring' | 'cookie';
  readonly type: string | null;
  readonly required: boolean;
}
