import { isNativeError } from 'node:util/types';
import { Permanent } from '#core';
import type { CertificateCredential, Operation, OperationTable, Parameter } from '#core';
import { baseOf } from './base-url.js';
import type { RequestInput } from './input.js';
import { buildBody } from './serialise/body.js';
import { cookieHeader, namesInCookie } from './serialise/cookies.js';
import type { Header } from './serialise/headers.js';
import { checkHeader, checkMethod, isSendable, mergeHeaders } from './serialise/headers.js';
import { isMediaType } from './serialise/media-type.js';
import type { PathPart } from './serialise/path.js';
import { fillPath, pathParts } from './serialise/path.js';
import type { QueryPlan } from './serialise/query.js';
import { queryPlan, queryText } from './serialise/query.js';
import type { Layout } from './serialise/style.js';
import { contentText, headerText } from './serialise/style.js';
import { isGiven, isPresent, ownValue } from './serialise/value.js';
import { withCredentials } from './security/apply-credentials.js';
import { chooseCertificate } from './security/choose-security.js';

/** A request as it leaves, but for what belongs to the connection. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Absolute, fully encoded, without user name, password and fragment. */
  readonly url: string;
  /** What of the address may be told: without query, the names of path parameters in place of their values. Absent: the URL. */
  readonly shownUrl?: string | undefined;
  readonly headers: readonly Header[];
  /**
   * Lower-case names of the headers that the document alone made. All others came from somebody and are dropped when
   * a redirect leads to another origin.
   */
  readonly openHeaders: readonly string[];
  readonly body?: Buffer | undefined;
  /** What the connection shows that it leaves by. It shares none with requests that show another or nothing. */
  readonly certificate?: CertificateCredential | undefined;
}

/** What is worked out once an operation. */
interface Plan {
  readonly path: readonly PathPart[];
  readonly query: QueryPlan;
  readonly headers: ReadonlyMap<string, Parameter>;
  readonly cookies: readonly Parameter[];
  readonly accept: string;
}

const plans = new WeakMap<Operation, Plan>();
/** Ranges and oddities of long lists tell a server nothing more. */
const ACCEPT_MAX = 20;
const UNDECLARED: Layout = { style: 'form', explode: true, allowReserved: false, allowEmptyValue: false };

/**
 * Builds the request of one call exactly as the document says. Pure: equal input gives an equal request, byte for
 * byte. Defaults of the document are not sent, since they are what the service assumes anyway.
 * https://spec.openapis.org/oas/v3.1.1#parameter-object
 * @throws Permanent in one sentence; for what is missing: `<name> is required and must be specified`.
 */
export function buildRequest(table: OperationTable, operation: Operation, input: RequestInput): HttpRequest {
  try {
    return build(table, operation, withCredentials(table, operation, input));
  } catch (error) {
    // Of these V8 throws two: the stack has run out, or a text is longer than one can be.
    if (!isNativeError(error) || error.name !== 'RangeError') throw error;
    throw new Permanent('REQUEST_TOO_LARGE', 'The values given are nested too deep, or too large, for a request.');
  }
}

function build(table: OperationTable, operation: Operation, input: RequestInput): HttpRequest {
  const plan = planOf(operation);
  const base = baseOf(table, operation, input);
  const urlParams = input.urlParams ?? {};
  const path = fillPath(plan.path, (name) => ownValue(urlParams, name), missing);
  const query = queryText(operation, plan.query, base.query, input, missing);

  const given = givenHeaders(plan, input);
  const body = buildBody(operation, input, givenValue(given, 'content-type'));
  const headers: Header[] = [];
  const openHeaders: string[] = [];
  if (!given.has('accept')) {
    headers.push(['Accept', plan.accept]);
    openHeaders.push('accept');
  }
  for (const [lower, header] of given) if (lower !== 'content-type' && lower !== 'cookie') headers.push(header);
  if (base.authorization !== undefined && !given.has('authorization')) {
    headers.push(['Authorization', base.authorization]);
  }
  const cookie = cookieHeader(plan.cookies, input.cookieParams ?? {}, givenValue(given, 'cookie'));
  if (cookie !== '') headers.push(['Cookie', cookie]);
  const contentType = body?.contentType ?? givenValue(given, 'content-type');
  if (contentType !== undefined) {
    headers.push(['Content-Type', contentType]);
    if (!given.has('content-type')) openHeaders.push('content-type');
  }
  for (const [name, value] of headers) checkHeader(name, value);

  return {
    method: operation.method,
    url: `${base.origin}${base.path}${path.startsWith('/') ? '' : '/'}${path}${query}`,
    shownUrl: `${base.shown}${operation.template}`,
    headers,
    openHeaders,
    body: body?.bytes,
    certificate: chooseCertificate(table, operation, input.credentials),
  };
}

function planOf(operation: Operation): Plan {
  const known = plans.get(operation);
  if (known) return known;
  checkMethod(operation.method);
  const plan: Plan = {
    path: pathParts(operation),
    query: queryPlan(operation),
    headers: new Map(
      operation.parameters
        .filter((parameter) => parameter.in === 'header' && isSendable(parameter.name))
        .map((parameter) => [parameter.name.toLowerCase(), parameter]),
    ),
    cookies: operation.parameters.filter((parameter) => parameter.in === 'cookie'),
    accept: acceptOf(operation),
  };
  plans.set(operation, plan);
  return plan;
}

function acceptOf(operation: Operation): string {
  const types = operation.accepts.filter(isMediaType).slice(0, ACCEPT_MAX);
  return types.length === 0 ? '*/*' : types.join(', ');
}

/** The headers that were given, and the declared ones among them written in their style; by lower-case name. */
function givenHeaders(plan: Plan, input: RequestInput): Map<string, Header> {
  const headers = new Map<string, Header>();
  for (const [name, value] of Object.entries(mergeHeaders(input.headers))) {
    const lower = name.toLowerCase();
    const parameter = plan.headers.get(lower);
    if (!parameter) {
      const text = headerText(value, UNDECLARED);
      if (text !== undefined) headers.set(lower, [name, text]);
      continue;
    }
    if (!isPresent(parameter, value)) continue;
    const text =
      parameter.contentType === undefined ? headerText(value, parameter) : asciiJson(contentText(parameter, value));
    if (text !== undefined) headers.set(lower, [name, text]);
  }
  for (const [lower, parameter] of plan.headers) {
    if (!parameter.required || headers.has(lower) || lower === 'content-type') continue;
    if (lower === 'cookie' && Object.keys(input.cookieParams ?? {}).length > 0) continue;
    // A list without members is a value, though there is nothing to send.
    if (!isGivenHeader(input, lower)) missing(parameter.name);
  }
  const cookies = namesInCookie(headers.get('cookie')?.[1] ?? '');
  for (const parameter of plan.cookies) {
    const value = ownValue(input.cookieParams ?? {}, parameter.name);
    if (parameter.required && !isPresent(parameter, value) && !cookies.has(parameter.name)) missing(parameter.name);
  }
  return headers;
}

function isGivenHeader(input: RequestInput, lower: string): boolean {
  return Object.entries(input.headers ?? {}).some(([name, value]) => name.toLowerCase() === lower && isGiven(value));
}

/** JSON in a header: what is not ASCII has an escape in JSON, and few servers agree on anything else. */
function asciiJson(text: string): string {
  return text.replace(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function givenValue(headers: ReadonlyMap<string, Header>, lower: string): string | undefined {
  return headers.get(lower)?.[1];
}

function missing(name: string): never {
  throw new Permanent('PARAMETER_REQUIRED', `${name} is required and must be specified`);
}
