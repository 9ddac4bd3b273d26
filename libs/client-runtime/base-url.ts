import { describeShape, Permanent } from '#core';
import type { Operation, OperationTable, Server } from '#core';

/** Where a request goes: everything before the operation's own path. */
interface Base {
  /** `https://host[:port]`, as a URL has it. */
  readonly origin: string;
  /** Starts with `/` unless it is empty; never ends with one. */
  readonly path: string;
  /** The base URL's own query, without `?`; empty when there is none. */
  readonly query: string;
  /** The user name and password that the URL carried, as a header value (RFC 7617, UTF-8). */
  readonly authorization?: string | undefined;
}

/** A base, and how errors and traces name it. */
export interface ChosenBase extends Base {
  /** Origin and path; where server variables were given, with their names in place of their values. */
  readonly shown: string;
}

/** What the caller says about the address. */
export interface BaseChoice {
  /** Base URL that overrides the document's servers. */
  readonly url?: string | undefined;
  /** Values for the variables of templated servers. */
  readonly serverVariables?: Readonly<Record<string, string>> | undefined;
}

/** Parsed base URLs. A service uses few; the cap only bounds what a stream of different ones can hold. */
const parsed = new Map<string, Base>();
const PARSED_MAX = 2_000;

/**
 * Chooses the base URL: `choice.url`, else the first usable server of the operation, else of the document.
 * https://spec.openapis.org/oas/v3.1.1#server-object
 * @throws Permanent saying what to set when there is no address.
 */
export function baseOf(table: OperationTable, operation: Operation, choice: BaseChoice): ChosenBase {
  if (choice.url !== undefined) {
    const base = parseBase(fillGiven(choice.url, choice.serverVariables));
    if (base) return { ...base, shown: shownBase(base, choice.url, choice) };
    throw unusable(`Expected \`url\` to be an http or https address, got ${describeShape(choice.url)} that is none.`);
  }
  const servers = operation.servers?.length ? operation.servers : table.servers;
  const server = servers.find((candidate) => isAbsolute(candidate.url)) ?? servers[0];
  if (!server) {
    throw unusable('The document names no server, so there is no address to call: set `url` on the Spec.');
  }
  const address = fillVariables(server, choice.serverVariables);
  const base = parseBase(address);
  if (base) return { ...base, shown: shownBase(base, server.url, choice) };
  const fault = /^[./]/.test(address) ? 'is relative' : 'is not an http or https address';
  throw unusable(
    `The document's server ${JSON.stringify(shortened(server.url))} ${fault}, so there is no address to call: set \`url\` on the Spec.`,
  );
}

function isAbsolute(url: string): boolean {
  return /^(https?:)?\/\//i.test(url) || url.startsWith('{');
}

function fillVariables(server: Server, given: BaseChoice['serverVariables']): string {
  return server.url.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const variable = own(server.variables, name);
    const value = own(given, name);
    if (value === undefined) {
      const fallback = variable?.default ?? variable?.enum?.[0];
      if (fallback !== undefined) return fallback;
      throw unusable(
        `The document's server ${JSON.stringify(shortened(server.url))} has no default for ${name}: set it in \`server_variables\`, or set \`url\` on the Spec.`,
      );
    }
    if (variable?.enum?.length && !variable.enum.includes(value)) {
      const allowed = variable.enum.slice(0, 10).join(', ');
      throw unusable(`Expected the server variable ${name} to be one of ${allowed}, got ${describeShape(value)}.`);
    }
    return value;
  });
}

function fillGiven(url: string, given: BaseChoice['serverVariables']): string {
  return given ? url.replace(/\{([^{}]+)\}/g, (whole, name: string) => own(given, name) ?? whole) : url;
}

function parseBase(address: string): Base | undefined {
  const known = parsed.get(address);
  if (known) return known;
  // Swagger 2.0 without schemes: the scheme is that of the document, which nobody knows here.
  const absolute = address.startsWith('//') ? `https:${address}` : address;
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) return undefined;
  const url = new URL(absolute);
  if (url.hostname === '' || /[{}]|%7B/i.test(url.hostname + url.pathname)) return undefined;
  const base: Base = {
    origin: url.origin,
    path: withoutEndSlashes(url.pathname),
    query: url.search.slice(1),
    authorization: url.username || url.password ? basic(url.username, url.password) : undefined,
  };
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(address, base);
  return base;
}

/** By hand: an expression would take a minute over a million slashes that something follows. */
export function withoutEndSlashes(path: string): string {
  let end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === 47) end -= 1;
  return path.slice(0, end);
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`, 'utf8').toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function shownBase({ origin, path }: Base, template: string, { serverVariables }: BaseChoice): string {
  return serverVariables ? withoutEndSlashes(shortened(template)) : `${origin}${path}`;
}

/** An address without user name and password. */
export function withoutUser(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//');
}

/** An address without what may be secret in it: user name, password and query. */
function shortened(address: string): string {
  const shown = withoutUser(address).replace(/\?.*$/s, '');
  return shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
}

function unusable(message: string): Permanent {
  return new Permanent('SERVER_UNKNOWN', message);
}
