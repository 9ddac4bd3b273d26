import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { CertificateCredential, Credential, Credentials } from '#core';
import { headerText } from './header-map.js';

const LONGEST = 64 * 1024;
const secret = z.string().max(LONGEST);
/** What goes out in a header as it is. */
const sent = headerText(LONGEST);

const credentialSchema = z
  .union(
    [
      z.strictObject({ value: sent }).describe('For a scheme of type apiKey.'),
      z.strictObject({ username: secret, password: secret }).describe('For http basic.'),
      z.strictObject({ token: sent }).describe('For http bearer, oauth2 and openIdConnect: a token you have fetched.'),
      z
        .strictObject({
          client_id: secret,
          client_secret: secret,
          scopes: z.array(z.string()).optional().describe('Unset: those that the operation names.'),
          refresh_token: secret.optional().describe('With it tokens come by the refresh grant.'),
        })
        .describe(
          'For oauth2 and openIdConnect: tokens are fetched, kept until they expire, and fetched anew on a 401.',
        ),
      z
        .strictObject({
          certificate: secret.describe('PEM; those that lead to a known authority may follow it.'),
          private_key: secret.describe('PEM.'),
          passphrase: secret.optional().describe('What the private key is encrypted with, if it is.'),
        })
        .refine((body) => isKeyPair(certificateOf(body)), {
          error: 'a certificate and the private key that belongs to it, both in PEM',
        })
        .describe('For mutualTLS, or under the name `$tls` for all connections to the service.'),
    ],
    {
      error:
        'one of {value}, {username, password}, {token}, {client_id, client_secret, scopes?, refresh_token?}, {certificate, private_key, passphrase?}, all of text',
    },
  )
  .meta({ id: 'Credential' });

const OF_A_LENGTH = { error: 'of 1 to 200 characters' };
const schemeName = z.string().min(1, OF_A_LENGTH).max(200, OF_A_LENGTH);

/** Credentials by security scheme, as a request gives them. No sentence about them repeats a value. */
export const credentialsSchema = z.record(schemeName, credentialSchema);
export type CredentialsBody = z.output<typeof credentialsSchema>;

/** The same in our own words. */
export function credentialsOf(body: CredentialsBody): Credentials {
  return Object.fromEntries(Object.entries(body).map(([scheme, credential]) => [scheme, credentialOf(credential)]));
}

function credentialOf(body: CredentialsBody[string]): Credential {
  if ('certificate' in body) return certificateOf(body);
  if (!('client_id' in body)) return body;
  return {
    clientId: body.client_id,
    clientSecret: body.client_secret,
    ...(body.scopes && { scopes: body.scopes }),
    ...(body.refresh_token !== undefined && { refreshToken: body.refresh_token }),
  };
}

interface CertificateBody {
  readonly certificate: string;
  readonly private_key: string;
  readonly passphrase?: string | undefined;
}

function certificateOf({ certificate, private_key: privateKey, passphrase }: CertificateBody): CertificateCredential {
  return { certificate, privateKey, ...(passphrase !== undefined && { passphrase }) };
}

function isKeyPair({ certificate, privateKey, passphrase }: CertificateCredential): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey({ key: privateKey, passphrase }));
  } catch {
    return false;
  }
}
