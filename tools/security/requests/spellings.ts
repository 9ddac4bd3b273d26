import { request } from './attack.js';
import type { Attack } from './attack.js';

/** Another way to write the target of a request. */
export interface Spelling {
  readonly name: string;
  /** @param path begins with a slash, and is made of letters, digits, `-` and slashes */
  readonly of: (path: string) => string;
  /** Whether a router that decodes finds the same route by it. */
  readonly isFound: boolean;
}

const last = (path: string) => path.lastIndexOf('/') + 1;
const encoded = (text: string) =>
  text.replace(/[^/]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** Those that lead to the route of a path. */
const FOUND: Readonly<Record<string, Spelling['of']>> = {
  'as it is': (path) => path,
  'with a query': (path) => `${path}?a=b`,
  'with an empty query': (path) => `${path}?`,
  'with a fragment': (path) => `${path}#a`,
  'with a fragment and a query': (path) => `${path}#a?b=c`,
  'with a letter encoded': (path) =>
    path.slice(0, last(path)) + encoded(path.charAt(last(path))) + path.slice(last(path) + 1),
  'with its first letter encoded': (path) => `/${encoded(path.charAt(1))}${path.slice(2)}`,
  'with its last letter encoded': (path) => path.slice(0, -1) + encoded(path.slice(-1)).toUpperCase(),
  'with all letters encoded': encoded,
  'with a letter encoded and a fragment': (path) => `${path.slice(0, -1)}${encoded(path.slice(-1))}#a`,
  'in absolute form': (path) => `http://a${path}`,
  'in absolute form with a port': (path) => `http://a:1${path}`,
  'in absolute form with a user': (path) => `http://a:b@c${path}`,
  'in absolute form of TLS': (path) => `https://a${path}`,
  'in absolute form, in upper case': (path) => `HTTP://A${path}`,
  'in absolute form, encoded': (path) => `http://a${encoded(path)}?a=b`,
};

/** Those that lead nowhere, though other servers may think otherwise. */
const ELSEWHERE: Readonly<Record<string, Spelling['of']>> = {
  'with two slashes': (path) => `/${path}`,
  'with two slashes before its last part': (path) => `${path.slice(0, last(path))}/${path.slice(last(path))}`,
  'with a slash behind it': (path) => `${path}/`,
  'with a slash and a fragment': (path) => `${path}/#a`,
  'in upper case': (path) => path.toUpperCase(),
  'with its last letter in upper case': (path) => path.slice(0, -1) + path.slice(-1).toUpperCase(),
  'with a semicolon': (path) => `${path};`,
  'with a parameter of its path': (path) => `${path};a=b`,
  'with an encoded semicolon': (path) => `${path}%3ba`,
  'with an encoded question mark': (path) => `${path}%3fa=b`,
  'with an encoded number sign': (path) => `${path}%23a`,
  'with an encoded slash before it': (path) => `/%2f${path.slice(1)}`,
  'with an encoded slash': (path) => `${path.slice(0, last(path) - 1)}%2f${path.slice(last(path))}`,
  'with an encoded slash behind it': (path) => `${path}%2f`,
  'with a dot': (path) => `/.${path}`,
  'with an encoded dot': (path) => `/%2e${path}`,
  'with an encoded dot, and no slash before it': (path) => `%2e${path}`,
  'with dots': (path) => `/a/..${path}`,
  'with encoded dots': (path) => `/a/%2e%2e${path}`,
  'with dots behind it': (path) => `${path}/a/..`,
  'with a dot behind it': (path) => `${path}/.`,
  'with an end of a file': (path) => `${path}.json`,
  'encoded twice': (path) => path.slice(0, -1) + encoded(path.slice(-1)).replace('%', '%25'),
  'with backslashes': (path) => path.replaceAll('/', '\\'),
  'with an encoded backslash': (path) => `/%5c${path.slice(1)}`,
  'with an encoded space': (path) => `${path}%20`,
  'with an encoded line end': (path) => `${path}%0d%0a`,
  'with a null byte': (path) => `${path}%00`,
  'with half an encoding': (path) => `${path}%6`,
  'with a letter in too many bytes': (path) => `${path.slice(0, -1)}%c1%a5`,
  'with a wide letter': (path) => `${path.slice(0, -1)}%ef%bd%85`,
  'as a wildcard': (path) => `/*${path.slice(1)}`,
  'as a parameter': (path) => `/:${path.slice(1)}`,
  'without a slash': (path) => path.slice(1),
  'in absolute form with two slashes': (path) => `http://a/${path}`,
  'in absolute form with a fragment': (path) => `http://a${path}#a`,
  'in absolute form without a host': (path) => `http://${path}`,
  'in absolute form of files': (path) => `file://${path}`,
};

/** Every odd way to write an address that we know of. */
export const SPELLINGS: readonly Spelling[] = [
  ...Object.entries(FOUND).map(([name, of]) => ({ name, of, isFound: true })),
  ...Object.entries(ELSEWHERE).map(([name, of]) => ({ name, of, isFound: false })),
];

/** Routes that nobody comes in to without credentials, however they are spelled. */
const CLOSED = ['/v1/api/spec/0/1', '/v1/api/scheduler/processes', '/v1/api/audit'];

/** Strangers who spell addresses oddly. */
export function spellingAttacks(): Attack[] {
  return CLOSED.flatMap((path) =>
    SPELLINGS.map(({ name, of }) => ({
      name: `a stranger at ${path}, ${name}`,
      bytes: request(`GET ${of(path)}`),
      statuses: [400, 401, 404],
    })),
  );
}
