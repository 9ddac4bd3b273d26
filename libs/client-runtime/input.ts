import type { ReadyCredential } from '#core';

/** What one call gives an operation: parameters by place, a body, and what it proves itself with. */
export interface RequestInput {
  /** Names in any case. Declared header parameters may be of any JSON type; others are sent as they are. */
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  /** Undeclared ones are sent as they are given, lists repeated. One that is the whole query stands here by its name. */
  readonly queryParams?: Readonly<Record<string, unknown>> | null | undefined;
  readonly urlParams?: Readonly<Record<string, unknown>> | null | undefined;
  readonly cookieParams?: Readonly<Record<string, unknown>> | null | undefined;
  /**
   * Any JSON value, or bytes; undefined is no body. Bytes inside a JSON value are base64 text or
   * `{"$file": {"base64" | "blob": …, "filename"?, "content_type"?}}`.
   */
  readonly body?: unknown;
  /**
   * The body as JSON text, in place of `body`. For a JSON media type it goes out byte for byte, so that no number
   * loses digits on its way. `null` is a body only where the document allows one that is null, else it is none.
   */
  readonly bodyJson?: string | Buffer | undefined;
  /** The bytes of the blobs that files of the body name (`blobsIn` tells which). */
  readonly blobs?: ReadonlyMap<string, Uint8Array> | undefined;
  /**
   * Which of the declared media types the body is sent in; a range takes the first that it covers. A Content-Type
   * header wins, and is taken at its word.
   */
  readonly contentType?: string | undefined;
  /** By the name of the document's security scheme. What is given by hand in a scheme's place wins. */
  readonly credentials?: Readonly<Record<string, ReadyCredential>> | null | undefined;
  /** Base URL that overrides the document's servers. */
  readonly url?: string | undefined;
  /** Values for the variables of templated servers. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
}
