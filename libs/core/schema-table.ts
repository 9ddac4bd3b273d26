/**
 * The schemas of a Client as pure data, beside its operation table: all that inputs and answers are checked by. Made from a
 * document once (libs/openapi); whatever the document's version, every schema has the shape of JSON Schema 2020-12, reduced to
 * what says yes or no to a value: https://json-schema.org/draft/2020-12/json-schema-validation
 */
export interface SchemaTable {
  /** The shape's own version; raised when a reader of the old one would misread the new one. */
  readonly format: 1;
  /** Named schemas that operations need; `{"$ref": "#/$defs/Name"}` points to one of them, circles included. */
  readonly $defs: Readonly<Record<string, JsonSchema>>;
  /** The schemas that stand in operations, each different one once. Operations name them by their index. */
  readonly schemas: readonly JsonSchema[];
  /** What answers may be, each different one once. Operations name them by their index. */
  readonly responses: readonly ResponseSchemas[];
  /** By `"METHOD /path"`, the path as the operation table declares it. */
  readonly operations: Readonly<Record<string, OperationSchemas>>;
}

/** A schema from a document: no keyword of it can be trusted to have the type that it should have. */
export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** Every number is an index into `schemas`, but for those of `responses`. */
export interface OperationSchemas {
  /** By place and name, as in `"query limit"`; names of headers in lower case. */
  readonly parameters: Readonly<Record<string, number>>;
  /** By media type as declared; absent when the operation takes no body. */
  readonly body?: Readonly<Record<string, number>> | undefined;
  /** By status: `200`, `2XX` or `default`, to an index into the table's `responses`. */
  readonly responses: Readonly<Record<string, number>>;
}

/** https://spec.openapis.org/oas/v3.1.1#response-object */
export interface ResponseSchemas {
  /** By media type as declared; absent when no body is declared. */
  readonly content?: Readonly<Record<string, number>> | undefined;
  /** By name in lower case; without Content-Type, which no header of a document can declare. */
  readonly headers?: Readonly<Record<string, ResponseHeader>> | undefined;
}

export interface ResponseHeader {
  readonly required: boolean;
  readonly schema: number;
}
