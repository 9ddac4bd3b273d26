/** Whose a blob is, by its name. */
export interface BlobOwner {
  readonly kind: 'process' | 'spec';
  readonly traceId: string;
}

const KINDS: Readonly<Record<string, BlobOwner['kind']>> = {
  bodies: 'process',
  responses: 'process',
  specs: 'spec',
  clients: 'spec',
  sdks: 'spec',
};

/** The folders of blobs that something in the database names. */
export const OWNED_FOLDERS: readonly string[] = Object.keys(KINDS);

/** Blobs by whose they are; such as are nobody's by their name are left out. */
export function byOwner(blobs: readonly string[]): Map<string, BlobOwner & { readonly blobs: string[] }> {
  const owners = new Map<string, BlobOwner & { readonly blobs: string[] }>();
  for (const blob of blobs) {
    const [folder = '', traceId = ''] = blob.split('/');
    const kind = KINDS[folder];
    if (!kind) continue;
    const owner = owners.get(`${kind} ${traceId}`) ?? { kind, traceId, blobs: [] };
    owners.set(`${kind} ${traceId}`, owner);
    owner.blobs.push(blob);
  }
  return owners;
}
