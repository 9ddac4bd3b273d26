/** What a call of a generated client is given. */

/** The second argument of a call; it may be left out where everything in it may. */
export type CallArguments<Operation, Credentials = AnyCredentials> =
  object extends CallInit<Operation, Credentials>
    ? [init?: CallInit<Operation, Credentials>]
    : [init: CallInit<Operation, Credentials>];

/** Parameters by place, a body where there is one, and how this call is made. */
export type CallInit<Operation, Credentials = AnyCredentials> = Flat<
  ParamsInit<Operation> & BodyInit<Operation> & CallSettings<Credentials>
>;

/** As one object, which an editor shows whole. */
type Flat<Init> = Init extends unknown ? { [Name in keyof Init]: Init[Name] } : never;

export interface CallSettings<Credentials = AnyCredentials> {
  /** Headers beyond those that the document declares. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In place of those of the client, scheme by scheme. */
  readonly credentials?: Credentials | undefined;
  /** In place of the client's, in milliseconds. */
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
  ? [keyof Given<Parameters>] extends [never]
    ? unknown
    : object extends Given<Parameters>
      ? { readonly params?: Given<Parameters> | undefined }
      : { readonly params: Given<Parameters> }
  : unknown;

/** Without the places that hold nothing. */
type Given<Parameters> = Parameters extends unknown
  ? {
      [
        Place in keyof Parameters as [Exclude<Parameters[Place], undefined>] extends [never] ? never : Place
      ]: Parameters[Place];
    }
  : never;

export type BodyInit<Operation> = Operation extends { requestBody: { content: infer Content } }
  ? BodyOf<Content>
  : Operation extends { requestBody?: infer Body }
    ? Exclude<Body, undefined> extends { content: infer Content }
      ? OptionalBodyOf<Content>
      : unknown
    : unknown;

type OptionalBodyOf<Content> =
  IsOne<keyof Content> extends true
    ? { [Name in keyof BodyOf<Content>]?: BodyOf<Content>[Name] | undefined }
    : BodyOf<Content> | { readonly body?: undefined; readonly contentType?: undefined };

/** The body in one of its media types, which is named unless it is the only one or JSON. */
export type BodyOf<Content> = {
  [Type in keyof Content]: IsOne<keyof Content> extends true
    ? { readonly body: BodyValue<Content[Type], Type>; readonly contentType?: TypeName<Type> | undefined }
    : Type extends JsonType
      ? { readonly body: Content[Type]; readonly contentType?: Type | undefined }
      : { readonly body: BodyValue<Content[Type], Type>; readonly contentType: TypeName<Type> };
}[keyof Content];

type BodyValue<Value, Type> = Type extends JsonType | `application/x-www-form-urlencoded${string}`
  ? Value
  : Type extends `multipart/${string}`
    ? { [Name in keyof Value]: PartValue<Value[Name]> }
    : Type extends XmlType
      ? string | Uint8Array | FileValue
      : Value | Uint8Array | FileValue;

/** A part that is a text may be a file. */
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

/** What calls prove themselves with, where the security schemes are not known by name. */
export type AnyCredentials = Readonly<
  Record<string, ApiKeyCredential | BasicCredential | TokenCredential | OAuthClientCredential | CertificateCredential>
>;

/** Goes where the scheme says: into a header, a query parameter or a cookie. */
export interface ApiKeyCredential {
  readonly value: string;
}

/** https://www.rfc-editor.org/rfc/rfc7617 */
export interface BasicCredential {
  readonly username: string;
  readonly password: string;
}

/** A token that you have: https://www.rfc-editor.org/rfc/rfc6750 */
export interface TokenCredential {
  readonly token: string;
}

/** The token is fetched from the scheme's token URL, kept until it expires, and fetched anew when it is refused. */
export interface OAuthClientCredential {
  readonly clientId: string;
  readonly clientSecret: string;
  /** What to ask for. Default: the scopes that the operation names. */
  readonly scopes?: readonly string[] | undefined;
  /** With it the token comes by the refresh grant, else by client credentials. */
  readonly refreshToken?: string | undefined;
}

/** What connections show to a service that asks who calls; under the name `$tls` all of them do. */
export interface CertificateCredential {
  /** PEM; those that lead to a known authority may follow it. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
  /** What the private key is encrypted with, if it is. */
  readonly passphrase?: string | undefined;
}

/** The media types that are read and written as JSON. */
export type JsonType = `${'application/json' | 'text/json' | `${string}+json`}${'' | `;${string}` | ` ;${string}`}`;
/** Those that are texts to the runtime, whatever their schema says. */
export type XmlType = `${string}${'/xml' | '+xml'}${'' | `;${string}` | ` ;${string}`}`;

/** Of a range such as `image/*` any type in it. */
export type TypeName<Type> = Type extends `${infer Start}*${string}` ? `${Start}${string}` : Type;

/** Whether a union has one member. */
export type IsOne<Key, All = Key> = Key extends unknown ? ([All] extends [Key] ? true : false) : never;
