import { createHash } from 'node:crypto';
import type { CertificateCredential } from '#core';
import { ConnectionPool } from './connection-pool.js';
import { Connector } from './connector.js';
import type { ConnectorOptions } from './connector.js';
import type { SecureOriginOptions } from './secure-origin.js';

/** Of how many certificates the connections are kept, beyond those with a request under way. */
const POOLS_MAX = 200;

/** Connections by what they show: no request leaves by one that somebody else has proved themselves on. */
export class ConnectionPools {
  private readonly bare: ConnectionPool;
  private readonly byCertificate = new Map<string, ConnectionPool>();

  constructor(
    private readonly connector: ConnectorOptions,
    private readonly origins: SecureOriginOptions,
  ) {
    this.bare = new ConnectionPool(new Connector(connector), origins);
  }

  /** @throws Permanent when a certificate cannot be used. */
  of(certificate: CertificateCredential | undefined): ConnectionPool {
    if (!certificate) return this.bare;
    const key = keyOf(certificate);
    const known = this.byCertificate.get(key);
    // The last used stand last.
    this.byCertificate.delete(key);
    const pool = known ?? new ConnectionPool(new Connector({ ...this.connector, certificate }), this.origins);
    this.byCertificate.set(key, pool);
    if (!known) this.letGo();
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([this.bare, ...this.byCertificate.values()].map((pool) => pool.close()));
  }

  private letGo(): void {
    let tooMany = this.byCertificate.size - POOLS_MAX;
    if (tooMany <= 0) return;
    // The newest is about to be used.
    for (const [key, pool] of [...this.byCertificate].slice(0, -1)) {
      if (tooMany <= 0) return;
      if (pool.isBusy) continue;
      this.byCertificate.delete(key);
      void pool.close();
      tooMany -= 1;
    }
  }
}

function keyOf({ certificate, privateKey, passphrase = '' }: CertificateCredential): string {
  return createHash('sha256')
    .update(JSON.stringify([certificate, privateKey, passphrase]))
    .digest('base64url');
}
