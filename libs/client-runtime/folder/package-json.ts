import type { Spec } from '#core';

/** How long a name may be: npm takes 214 characters, a file system 255 bytes. */
const LONGEST = 100;

/**
 * The name of a service's client: of the package, and of the folder that is downloaded. Lower-case letters, digits and
 * hyphens, so that it is safe for npm and in every file system; made of the trace id where the name has none of these.
 */
export function clientName({ name, traceId }: Pick<Spec, 'name' | 'traceId'>): string {
  const word = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '');
  return `${word || traceId.toLowerCase()}-client`;
}

/**
 * The document's version as npm takes it, and the Spec's behind it, which orders nothing: `1.2.0+3`.
 * https://semver.org/#spec-item-10
 */
export function clientVersion(documentVersion: string, specVersion: number): string {
  const [, major, minor = '0', patch = '0'] =
    /^\D{0,20}(\d{1,9})(?:\D(\d{1,9}))?(?:\D(\d{1,9}))?/.exec(documentVersion) ?? [];
  const numbers = [major ?? '0', minor, patch].map(Number);
  return `${numbers.join('.')}+${specVersion}`;
}

/** The `package.json` of a generated client. Nothing is installed with it and no script is run. */
export function packageJson(name: string, version: string): object {
  return {
    name,
    version,
    private: true,
    type: 'module',
    main: './client.js',
    types: './client.ts',
    exports: {
      '.': { types: './client.ts', default: './client.js' },
      './operations.json': './operations.json',
      './spec.yaml': './spec.yaml',
      './package.json': './package.json',
    },
    bin: { [name]: './bin/client' },
    engines: { node: '>=20.19.0' },
  };
}
