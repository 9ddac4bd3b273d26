import { X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:http';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions, Server as TlsServer } from 'node:tls';
import { InvalidInput, messageOf } from '#core';

/** How often the files are looked at, in milliseconds. */
const LOOK_EVERY_MS = 10_000;

/** Where a certificate and its key lie (TLS_CERT_FILE, TLS_KEY_FILE, TLS_KEY_PASSPHRASE). */
export interface TlsPlaces {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string | undefined;
}

/** A certificate and its key as they were read last. */
export interface TlsFiles {
  current(): TlsPair;
  /** Gives a server what the files hold whenever they change. Returns the end of it. */
  keepFresh(server: Server): () => void;
}

export interface TlsPair extends SecureContextOptions {
  readonly cert: string;
  readonly minVersion: 'TLSv1.2';
}

/**
 * @param onFault told in one sentence of files that were changed and cannot be used; what they held before goes on.
 * @throws InvalidInput in one sentence when the files cannot be read, or do not belong together.
 */
export function readTls(places: TlsPlaces, onFault: (sentence: string) => void, lookEveryMs = LOOK_EVERY_MS): TlsFiles {
  let pair = readPair(places);
  return {
    current: () => pair,
    keepFresh(server) {
      const look = () => {
        try {
          pair = readPair(places);
          (server as unknown as TlsServer).setSecureContext(pair);
        } catch (error) {
          // Between the writing of the one and of the other they do not match: the next change is looked at again.
          onFault(messageOf(error));
        }
      };
      const options = { interval: lookEveryMs, persistent: false };
      for (const path of [places.cert, places.key]) watchFile(path, options, look);
      return () => {
        for (const path of [places.cert, places.key]) unwatchFile(path, look);
      };
    },
  };
}

/** Whether a server has shown exactly the certificate that lies here. */
export function isCertificate(pair: TlsPair, shown: Buffer): boolean {
  return new X509Certificate(pair.cert).raw.equals(shown);
}

function readPair({ cert, key, passphrase }: TlsPlaces): TlsPair {
  const pair: TlsPair = {
    cert: read(cert, 'TLS_CERT_FILE'),
    key: read(key, 'TLS_KEY_FILE'),
    ...(passphrase !== undefined && { passphrase }),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new InvalidInput(
      'TLS_UNUSABLE',
      `Expected TLS_CERT_FILE and TLS_KEY_FILE to hold a certificate and its key in PEM: ${messageOf(error)}.`,
    );
  }
}

function read(path: string, variable: string): string {
  const text = contentOf(path, variable);
  // Half-way through being written. OpenSSL would take it for no key at all, and serve nobody.
  if (text === '')
    throw new InvalidInput('TLS_UNREADABLE', `Expected ${variable} to name a file in PEM, got an empty one.`);
  return text;
}

function contentOf(path: string, variable: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InvalidInput('TLS_UNREADABLE', `Expected ${variable} to name a file that can be read, got ${code}.`);
  }
}
