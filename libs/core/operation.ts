/**
 * The operation table: a Client as pure data. It is made from a document once (libs/openapi) and read at each call
 * by one hand-written runtime (libs/client-runtime). All OpenAPI versions end in the same shape, that of 3.1.
 */
export interface OperationTable {
  /** The shape's own version; raised when a reader of the old one would misread the new one. */
  readonly format: 1;
  readonly title: string;
  readonly documentVersion: string;
  /** The document's servers, in order; may be empty, relative or templated. */
  readonly servers: readonly Server[];
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  readonly operations: readonly Operation[];
}

/** https://spec.openapis.org/oas/v3.1.1#server-object */
export interface Server {
  /** May hold `{variables}` and may be relative. */
  readonly url: string;
  readonly variables?: Readonly<Record<string, ServerVariable>> | undefined;
}

export interface ServerVariable {
  readonly default?: string | undefined;
  readonly enum?: readonly string[] | undefined;
}

/** One method and path template of a document: https://spec.openapis.org/oas/v3.1.1#operation-object */
export interface Operation {
  /**
   * Upper case, and so those of `additionalOperations` (https://spec.openapis.org/oas/v3.2.0#path-item-object), e.g. `COPY`;
   * one that the document does not write in capitals there is kept as it is, for services tell the cases apart.
   */
  readonly method: string;
  /** The path as the document declares it, by which a process names it (may hold `#fragment` or `?query`). */
  readonly path: string;
  /** The path that a URL is built from: starts with `/`, no fragment, no query. */
  readonly template: string;
  /** The query that the declared path itself carries, in order, decoded. */
  readonly fixedQuery?: readonly (readonly [name: string, value: string])[] | undefined;
  readonly operationId?: string | undefined;
  readonly summary?: string | undefined;
  /** Never empty. */
  readonly tags?: readonly string[] | undefined;
  readonly deprecated?: boolean | undefined;
  /** Overrides the document's servers (operation level before path level). */
  readonly servers?: readonly Server[] | undefined;
  /** Path-level and operation-level parameters merged; without Accept, Content-Type and Authorization headers. */
  readonly parameters: readonly Parameter[];
  readonly requestBody?: RequestBody | undefined;
  /** Alternatives; each names the schemes (with scopes) that are needed together. Empty: none needed. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** Media types of the declared answers, most wanted first: what `Accept` asks for. */
  readonly accepts: readonly string[];
}

/**
 * `querystring` is the whole query as one value, always with a `contentType`; an operation has at most one, and then no
 * `query` parameter. https://spec.openapis.org/oas/v3.2.0#parameter-locations
 */
export type ParameterLocation = 'path' | 'query' | 'querystring' | 'header' | 'cookie';
export type ParameterStyle =
  | 'simple'
  | 'label'
  | 'matrix'
  | 'form'
  | 'cookie'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'tabDelimited'
  | 'deepObject';

/** https://spec.openapis.org/oas/v3.1.1#parameter-object, defaults filled in. */
export interface Parameter {
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  /**
   * `tabDelimited` is Swagger 2.0's `tsv`. `cookie` is 3.2's: as `form`, but nothing is escaped and pairs are parted by `; `
   * (https://spec.openapis.org/oas/v3.2.0#style-values). Meaningless when `contentType` is set.
   */
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  readonly allowEmptyValue: boolean;
  /** The parameter is serialised as this media type (`content` parameters; always with `querystring`). */
  readonly contentType?: string | undefined;
  readonly description?: string | undefined;
  readonly schema: SchemaSummary;
  /** A value that the schema allows, for examples and the self-check. Always present. */
  readonly example: unknown;
}

/** The little of a schema that people and the runtime ask for. */
export interface SchemaSummary {
  /** JSON Schema's type word; null when the schema does not say. The first non-null one of several. */
  readonly type: string | null;
  readonly enum: readonly unknown[] | null;
  /** Null when there is none. */
  readonly default: unknown;
  readonly format?: string | undefined;
}

/** https://spec.openapis.org/oas/v3.1.1#request-body-object */
export interface RequestBody {
  readonly required: boolean;
  /** In the document's order; never empty. */
  readonly content: readonly MediaType[];
}

/** https://spec.openapis.org/oas/v3.1.1#media-type-object */
export interface MediaType {
  /** e.g. `application/json`; may be a range such as `image/*`. */
  readonly contentType: string;
  readonly schema: SchemaSummary;
  /** The schema allows a body that is null. Told for JSON only; absent is no. */
  readonly nullable?: boolean | undefined;
  /** For form and multipart bodies: the properties' types and how each is encoded. */
  readonly properties?: Readonly<Record<string, BodyProperty>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly example: unknown;
}

/** One property of a form or multipart body, with its Encoding Object if there is one. */
export interface BodyProperty {
  readonly schema: SchemaSummary;
  /** True where the schema says bytes (`format: binary`, `type: file`, `contentMediaType`). */
  readonly binary: boolean;
  readonly contentType?: string | undefined;
  readonly style?: ParameterStyle | undefined;
  readonly explode?: boolean | undefined;
  readonly allowReserved?: boolean | undefined;
}

/** https://spec.openapis.org/oas/v3.1.1#security-scheme-object, reduced to what a request needs. */
export type SecurityScheme =
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
  | { readonly type: 'http'; readonly scheme: string }
  | {
      readonly type: 'oauth2';
      readonly flows: Readonly<Record<string, OAuthFlow>>;
      /** Where the server tells its token endpoint: https://spec.openapis.org/oas/v3.2.0#security-scheme-object, RFC 8414. */
      readonly metadataUrl?: string | undefined;
    }
  | { readonly type: 'openIdConnect'; readonly openIdConnectUrl: string }
  | { readonly type: 'mutualTLS' };

export interface OAuthFlow {
  readonly tokenUrl?: string | undefined;
  readonly refreshUrl?: string | undefined;
  readonly scopes: readonly string[];
}
