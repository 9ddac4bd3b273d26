import { isDeepStrictEqual } from 'node:util';
import type { RawRequest } from './capture.js';
import type { SampledCall } from './call.js';
import type { GivenParameter } from './given.js';
import { bodyHolds } from './read-body.js';
import { Pairs, fromForm, fromPercent, headerHolds, same, segmentHolds } from './read-styles.js';

/** Headers that every request may have. */
const ALWAYS = ['host', 'connection', 'accept', 'accept-encoding', 'user-agent', 'content-length'];

/**
 * What of a raw request is not what the call gave, read by the rules of its document. What nobody asked for is a fault
 * too.
 * @param path the operation's path in the document.
 * @param isFileField whether a field of the body holds files.
 */
export function faultsOf(
  raw: RawRequest,
  method: string,
  path: string,
  template: string,
  call: SampledCall,
  isFileField: (name: string) => boolean,
): string[] {
  const faults: string[] = [];
  if (raw.method !== method) faults.push(`method: ${raw.method}`);
  const [pathname = '', query = ''] = raw.target.split(/\?(.*)/s);
  const at = (place: string): readonly GivenParameter[] =>
    call.parameters.filter((parameter) => parameter.in === place);
  faults.push(...pathFaults(pathname, template, at('path')));
  faults.push(...queryFaults(query, path, at('query'), at('querystring')[0], call));
  faults.push(...headerFaults(raw, at('header'), at('cookie'), call));
  const sent = raw.headers.find(([name]) => name === 'content-type')?.[1];
  if (call.body) {
    const { contentType, media, value } = call.body;
    if (sent === undefined) faults.push('body: no content type');
    else if (!bodyHolds(raw.body, sent, value, media, isFileField))
      faults.push(`body ${contentType}: ${JSON.stringify(value)} from ${raw.body.toString('latin1')}`);
    if (sent !== undefined && !covers(contentType, sent)) faults.push(`content type: ${sent} for ${contentType}`);
  } else if (raw.body.length > 0 || sent !== undefined) faults.push('body: not asked for');
  return faults;
}

function covers(declared: string, sent: string): boolean {
  const plain = (type: string): string => type.split(';')[0]?.trim().toLowerCase() ?? '';
  const [type, subtype] = plain(declared).split('/');
  const [sentType, sentSubtype] = plain(sent).split('/');
  // Of bytes without a type nobody can say more.
  if (subtype === '*' && plain(sent) === 'application/octet-stream') return true;
  return (
    (type === '*' || type === sentType) &&
    (subtype === '*' || subtype === undefined || subtype === sentSubtype || subtype.startsWith('*+'))
  );
}

/** https://spec.openapis.org/oas/v3.1.1#path-templating */
function pathFaults(raw: string, template: string, parameters: readonly GivenParameter[]): string[] {
  const names: string[] = [];
  const pattern = template.split(/(\{[^{}]+\})/).map((piece, i) => {
    if (i % 2 === 0) return Array.from(piece, literal).join('');
    names.push(piece.slice(1, -1));
    return '([^/?]*?)';
  });
  const cut = new RegExp(`^${pattern.join('')}$`, 'u').exec(raw);
  if (!cut) return [`path: ${raw}`];
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  return names.flatMap((name, i) => {
    const parameter = byName.get(name);
    if (!parameter) return [`path ${name}: no value`];
    const text = cut[i + 1] ?? '';
    const held =
      parameter.contentType === undefined
        ? segmentHolds(text, name, parameter.value, parameter.style)
        : contentHolds(fromPercent(text), parameter.contentType, parameter.value);
    return held ? [] : [`path ${describe(parameter)}: ${text}`];
  });
}

/** A character of a template, percent-encoded or not. */
function literal(character: string): string {
  if (/[A-Za-z0-9/_-]/.test(character)) return character;
  const escaped = Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);
  return `(?:${character.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')}|${escaped.join('')})`;
}

function queryFaults(
  query: string,
  path: string,
  parameters: readonly GivenParameter[],
  whole: GivenParameter | undefined,
  call: SampledCall,
): string[] {
  const faults: string[] = [];
  if (whole) return same(fromPercent(query), whole.value) ? [] : [`querystring: ${query}`];
  const pairs = Pairs.split(query, '&', fromForm);
  const fixed = /^[^#?]*\?([^#]*)/.exec(path.replace(/\{[?&][^{}]*\}/g, ''))?.[1] ?? '';
  const secrets = call.secrets.filter((secret) => secret.in === 'query');
  const declared = new Set([...parameters, ...secrets].map(({ name }) => name));
  for (const part of fixed.split('&')) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    if (name === '' || /^\{.*\}$/.test(value) || declared.has(fromForm(name))) continue;
    if (!pairs.take(fromForm(name)).map(fromForm).includes(fromForm(value))) faults.push(`query of the path: ${name}`);
  }
  // Exploded objects take names of their own, so those that are sure of theirs go first.
  for (const parameter of parameters) {
    const { name, value, style, contentType } = parameter;
    if (contentType === undefined) {
      if (!pairs.holds(name, value, style)) faults.push(`query ${describe(parameter)}: ${query}`);
    } else if (
      !pairs
        .take(name)
        .map(fromForm)
        .some((text) => contentHolds(text, contentType, value))
    ) {
      faults.push(`query ${describe(parameter)}: ${query}`);
    }
  }
  for (const secret of secrets) {
    if (pairs.take(secret.name).map(fromForm).join() !== secret.value)
      faults.push(`credential ${secret.name}: ${query}`);
  }
  for (const name of pairs.leftOver()) faults.push(`query: ${name} was not asked for in ${query}`);
  return faults;
}

function contentHolds(text: string, contentType: string, value: unknown): boolean {
  if (!/[+/]json/.test(contentType)) return same(text, value);
  try {
    return isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
  } catch {
    return false;
  }
}

function headerFaults(
  raw: RawRequest,
  headers: readonly GivenParameter[],
  cookies: readonly GivenParameter[],
  call: SampledCall,
): string[] {
  const faults: string[] = [];
  const known = new Set([...ALWAYS, 'content-type', 'cookie']);
  const found = (name: string): string | undefined => raw.headers.find(([other]) => other === name.toLowerCase())?.[1];
  for (const parameter of headers) {
    const { name, value, style, contentType } = parameter;
    known.add(name.toLowerCase());
    const text = found(name);
    const held =
      contentType === undefined ? headerHolds(text, value, style) : contentHolds(text ?? '', contentType, value);
    if (!held) faults.push(`header ${describe(parameter)}: ${String(text)}`);
  }
  const pairs = Pairs.split(found('cookie') ?? '', '; ', fromPercent);
  for (const parameter of cookies) {
    const { name, value, style, contentType } = parameter;
    const held =
      contentType === undefined
        ? pairs.holds(name, value, style)
        : pairs.take(name).some((text) => contentHolds(fromPercent(text), contentType, value));
    if (!held) faults.push(`cookie ${describe(parameter)}: ${String(found('cookie'))}`);
  }
  for (const { in: place, name, value } of call.secrets) {
    if (place === 'query') continue;
    known.add(name.toLowerCase());
    const text = place === 'cookie' ? pairs.take(name).map(fromPercent).join() : found(name);
    if (text !== value) faults.push(`credential ${name}: ${String(text)}`);
  }
  for (const name of pairs.leftOver()) faults.push(`cookie: ${name} was not asked for`);
  for (const [name] of raw.headers) if (!known.has(name)) faults.push(`header: ${name} was not asked for`);
  return faults;
}

/** A parameter and its value, for the report. */
function describe({ name, value, style, contentType }: GivenParameter): string {
  const kind = contentType ?? `${style.style}${style.explode ? '*' : ''}`;
  return `${name} (${kind}) of ${JSON.stringify(value).slice(0, 120)}`;
}
