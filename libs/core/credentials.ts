/**
 * What a call proves itself with, by the name of the document's security scheme. Given with a Spec or a process and
 * never shown again: no answer, log line, error or file holds a value of it.
 */
export type Credentials = Readonly<Record<string, Credential>>;

export type Credential =
  ApiKeyCredential | BasicCredential | TokenCredential | OAuthClientCredential | CertificateCredential;

/** For a scheme of type `apiKey`: sent in the header, query parameter or cookie that the scheme names. */
export interface ApiKeyCredential {
  readonly value: string;
}

/** For `http` with scheme `basic`: sent as UTF-8 (RFC 7617). */
export interface BasicCredential {
  readonly username: string;
  readonly password: string;
}

/** For `http` with scheme `bearer`, `oauth2` and `openIdConnect`: a token that somebody else has fetched (RFC 6750). */
export interface TokenCredential {
  readonly token: string;
}

/** For `oauth2` and `openIdConnect`: the token is fetched from the scheme's token URL and kept until it expires. */
export interface OAuthClientCredential {
  readonly clientId: string;
  readonly clientSecret: string;
  /** What to ask for; unset: the scopes that the operation names. */
  readonly scopes?: readonly string[] | undefined;
  /** With it the token comes by the refresh grant (RFC 6749, section 6), else by client credentials (section 4.4). */
  readonly refreshToken?: string | undefined;
}

/**
 * For `mutualTLS`, or under `ANY_CONNECTION` for a service whose document does not say that it wants one: shown when a
 * connection is opened (RFC 8446, section 4.4.2).
 */
export interface CertificateCredential {
  /** PEM; those that lead to a known authority may follow it. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
  /** What the private key is encrypted with, if it is. */
  readonly passphrase?: string | undefined;
}

/** The name of the certificate that all connections to a service show. No security scheme can be called so. */
export const ANY_CONNECTION = '$tls';

/** What a request can carry as it stands: no token has to be fetched for it. */
export type ReadyCredential = Exclude<Credential, OAuthClientCredential>;
