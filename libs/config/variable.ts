import { isIP } from 'node:net';

/** What a process is started as. `standalone` is the other three in one process on embedded backends. */
export type Role = 'standalone' | 'api' | 'worker' | 'apidoc';

/** The headings under which the variables are listed, in this order. */
export const SECTIONS = [
  'Addresses',
  'Access',
  'Edge',
  'Encryption',
  'Egress',
  'Folders',
  'Backends',
  'Cache',
  'Work',
  'Limits',
  'Retention',
  'Logs',
  'Tracing',
] as const;
type Section = (typeof SECTIONS)[number];

/** What a variable can hold. */
export type Value = string | number | boolean | readonly string[];

/** One variable of the environment: how it is read, and all that is told to people about it. */
export interface Variable<T> {
  /** The value when it is not set; undefined means that being unset has a meaning of its own (`whenUnset`). */
  readonly default: T;
  /** What a value must be, as it completes "Expected NAME to be …". */
  readonly expected: string;
  /** `value`: never shown. `address`: shown without the passwords that an address may carry. */
  readonly secret: 'no' | 'value' | 'address';
  readonly description: string;
  readonly unit?: string | undefined;
  /** What holds while it is not set, for variables without a default. */
  readonly whenUnset?: string | undefined;
  /** A value to copy, for variables without a default. */
  readonly example?: string | undefined;
  readonly section: Section;
  readonly roles: readonly Role[];
  /** The value of a text that is not empty; undefined when it is not what is expected. */
  parse(text: string): NonNullable<T> | undefined;
}

interface About {
  readonly description: string;
  readonly section: Section;
  readonly roles: readonly Role[];
  readonly unit?: string;
  readonly secret?: boolean;
}

/** Either a default, or what being unset means and a value to copy. */
type Fallback<D> = { readonly default: D } | { readonly whenUnset: string; readonly example: string };
type Read<T, F> = F extends { readonly default: unknown } ? T : T | undefined;

function variable<T, F extends Fallback<T>>(
  about: About & F,
  reading: Pick<Variable<T>, 'expected' | 'secret' | 'parse'>,
): Variable<Read<T, F>> {
  const { secret: _, ...rest } = about;
  return { default: undefined, ...rest, ...reading } as unknown as Variable<Read<T, F>>;
}

/** A whole number in plain decimal digits. */
export function integer(
  about: About & { readonly default: number; readonly min: number; readonly max: number },
): Variable<number> {
  const { min, max, ...rest } = about;
  return variable(rest, {
    expected: `a whole number from ${min} to ${max}`,
    secret: 'no',
    parse(text) {
      const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  });
}

/** `true` or `false`. */
export function boolean(about: About & { readonly default: boolean }): Variable<boolean> {
  return variable(about, {
    expected: 'true or false',
    secret: 'no',
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  });
}

/** One of a few words. */
export function choice<const C extends string, F extends Fallback<NoInfer<C>>>(
  about: About & F & { readonly choices: readonly C[] },
): Variable<Read<C, F>> {
  const { choices, ...rest } = about;
  return variable<C, F>(rest as unknown as About & F, {
    expected: `one of ${choices.join(', ')}`,
    secret: 'no',
    parse: (text) => choices.find((word) => word === text),
  });
}

/** Any text, or one of a given shape. */
export function text<F extends Fallback<string>>(
  about: About & F & { readonly shape?: RegExp; readonly expected?: string },
): Variable<Read<string, F>> {
  const { shape = /[^]/, expected = 'any text', ...rest } = about;
  return variable(rest as About & F, {
    expected,
    secret: about.secret === true ? 'value' : 'no',
    parse: (given) => (shape.test(given) ? given : undefined),
  });
}

/**
 * `name=value` pairs joined by commas, percent-encoded where need be, as OpenTelemetry writes them; each is kept as
 * `name=value`, decoded: https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
export function pairs<F extends Fallback<readonly string[]>>(
  about: About & F & { readonly names?: RegExp },
): Variable<Read<readonly string[], F>> {
  const { names = /[^]/, ...rest } = about;
  return variable<readonly string[], F>(rest as unknown as About & F, {
    expected: 'name=value pairs joined by commas, percent-encoded where need be',
    secret: about.secret === true ? 'value' : 'no',
    parse(given) {
      const read = given.split(',').map((pair) => readPair(pair, names));
      return read.includes(undefined) ? undefined : Object.freeze(read as string[]);
    },
  });
}

function readPair(pair: string, names: RegExp): string | undefined {
  const end = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, end)).trim();
  const value = pair.slice(end + 1).trim();
  try {
    const decoded = `${decodeURIComponent(name)}=${decodeURIComponent(value)}`;
    return name !== '' && names.test(name) && !/[\r\n\0]/.test(decoded) ? decoded : undefined;
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

/**
 * An address that starts with one of the given schemes. `hosts: 'many'` is for addresses that list several hosts,
 * which the URL standard does not know.
 */
export function address<F extends Fallback<string>>(
  about: About & F & { readonly schemes: readonly string[]; readonly hosts?: 'one' | 'many' },
): Variable<Read<string, F>> {
  const { schemes, hosts = 'one', ...rest } = about;
  return variable(rest as unknown as About & F, {
    expected: `an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    secret: 'address',
    parse(given) {
      const scheme = schemes.find((candidate) => given.startsWith(`${candidate}://`));
      if (scheme === undefined || given.length === scheme.length + 3 || /\s/.test(given)) return undefined;
      return hosts === 'many' || URL.canParse(given) ? given : undefined;
    },
  });
}

/** Origins of pages as browsers write them, joined by commas: https://html.spec.whatwg.org/multipage/browsers.html#origin */
export function origins<F extends Fallback<readonly string[]>>(about: About & F): Variable<Read<readonly string[], F>> {
  return variable<readonly string[], F>(about, {
    expected: 'origins joined by commas, each http:// or https:// and a host without a path',
    secret: 'no',
    parse(given) {
      const each = given.split(',').map((origin) => origin.trim());
      return each.every(isOrigin) ? Object.freeze(each) : undefined;
    },
  });
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** IP addresses and CIDR blocks, joined by commas. */
export function networks<F extends Fallback<readonly string[]>>(
  about: About & F,
): Variable<Read<readonly string[], F>> {
  return variable<readonly string[], F>(about, {
    expected: 'IP addresses or CIDR blocks joined by commas',
    secret: 'no',
    parse(given) {
      const blocks = given.split(',').map((block) => block.trim());
      return blocks.every(isNetwork) ? Object.freeze(blocks) : undefined;
    },
  });
}

/** Host names (`*.example.com` for all below one), IP addresses and CIDR blocks, joined by commas. */
export function hosts<F extends Fallback<readonly string[]>>(
  about: About & F & { readonly shape?: RegExp; readonly expected?: string },
): Variable<Read<readonly string[], F>> {
  const {
    shape = HOST,
    expected = 'host names, *.names, IP addresses or CIDR blocks joined by commas',
    ...rest
  } = about;
  return variable<readonly string[], F>(rest as unknown as About & F, {
    expected,
    secret: 'no',
    parse(given) {
      const entries = given.split(',').map((entry) => entry.trim());
      return entries.every((entry) => isNetwork(entry) || shape.test(entry)) ? Object.freeze(entries) : undefined;
    },
  });
}

/** With a letter in its last label, lest an address with a slip of the pen be taken for a name. */
const HOST = /^(\*\.)?(?=[^.])[\p{L}\p{N}_.-]*\p{L}[\p{L}\p{N}_-]*\.?$/u;

/** Ports joined by commas. */
export function ports<F extends Fallback<readonly string[]>>(about: About & F): Variable<Read<readonly string[], F>> {
  return variable<readonly string[], F>(about, {
    expected: 'ports from 1 to 65535 joined by commas',
    secret: 'no',
    parse(given) {
      const list = given.split(',').map((port) => port.trim());
      const isPort = (port: string) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535;
      return list.every(isPort) ? Object.freeze(list) : undefined;
    },
  });
}

function isNetwork(block: string): boolean {
  const [ip = '', prefix, ...more] = block.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(ip)] ?? -1;
  if (bits < 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}
