/** What a document may cost. Beyond any of these it is refused with one sentence. */
export interface DocumentLimits {
  /** Bytes, also after gzip is unpacked. Default 50 MiB. */
  readonly maxBytes: number;
  /** How deep values may nest. Default 400. */
  readonly maxDepth: number;
  /** How many values YAML aliases may add to those that are written out. Default 1,000,000. */
  readonly maxAliasedValues: number;
}

export const DEFAULT_LIMITS: DocumentLimits = {
  maxBytes: 50 * 1024 * 1024,
  maxDepth: 400,
  maxAliasedValues: 1_000_000,
};

/** Bytes for people: `12 bytes`, `3.4 KB`, `50 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const megabytes = bytes / 1024 / 1024;
  return megabytes < 1 ? `${trim(bytes / 1024)} KB` : `${trim(megabytes)} MB`;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}
