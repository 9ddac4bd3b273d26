/** What one call gives an operation: parameters by place, and a body. */
export interface RequestInput {
  /** Names in any case. Declared header parameters may be of any JSON type; others are sent as they are. */
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
  /** Undeclared ones are sent as they are given, lists repeated. */
  readonly queryParams?: Readonly<Record<string, unknown>> | null | undefined;
  readonly urlParams?: Readonly<Record<string, unknown>> | null | undefined;
  readonly cookieParams?: Readonly<Record<string, unknown>> | null | undefined;
  /**
   * Any JSON value, or bytes; undefined is no body. Bytes inside a JSON value are base64 text or
   * `{"$file": {"base64": …, "filename"?, "content_type"?}}`.
   */
  readonly body?: unknown;
  /**
   * The body as JSON text, in place of `body`. For a JSON media type it goes out byte for byte, so that no number
   * loses digits on its way.
   */
  readonly bodyJson?: string | Buffer | undefined;
  /** The body's media type, where the document declares several. A Content-Type header does the same and wins. */
  readonly contentType?: string | undefined;
  /** Base URL that overrides the document's servers. */
  readonly url?: string | undefined;
  /** Values for the variables of templated servers. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
}
