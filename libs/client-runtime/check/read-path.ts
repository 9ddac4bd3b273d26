import type { Operation, Parameter } from '#core';
import { listHolds, splitList } from './read-pairs.js';
import { jsonMeans, means, percentDecode, visible } from './reading.js';

/** More variables than this in one segment of a path, and only its segments are counted. */
const MOST_IN_SEGMENT = 5;

/** One without variables and without steps up. */
const PLAIN_PATH = /^(?!.*\.\.)[\w/~.-]*$/;

/**
 * The parameters of a path that do not read back as expected. The path is cut by the template first, so that a value
 * that left its segment is seen.
 * https://spec.openapis.org/oas/v3.1.1#path-templating
 */
export function pathFaults(operation: Operation, path: string, expected: (name: string) => unknown): string[] {
  if (path === operation.template && PLAIN_PATH.test(path)) return [];
  const variables: string[] = [];
  const pattern = operation.template
    .split(/(\{[^{}]*\})/)
    .map((piece) => {
      if (!/^\{[^{}]+\}$/.test(piece)) return literalPattern(piece);
      variables.push(piece.slice(1, -1));
      return '([^/?#]*?)';
    })
    .join('');
  // Many variables in one segment could be tried in more ways than there is time for.
  if (operation.template.split('/').some((segment) => segment.split('{').length - 1 > MOST_IN_SEGMENT)) {
    return path.split('/').length === operation.template.split('/').length ? [] : ['the path'];
  }
  const cut = new RegExp(`^${pattern}$`, 'u').exec(path);
  if (!cut) return ['the path'];
  if (path.split('/').some((segment) => /^(\.|%2E){2}$/i.test(segment) && segment.includes('.'))) return ['the path'];

  const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
  // Two variables in one segment may be cut in more than one way; the segment as a whole has matched.
  if (operation.template.split('/').some((segment) => (segment.match(/\{/g) ?? []).length > 1)) return [];
  return variables.filter((variable, i) => {
    const parameter = parameters.find(({ name }) => name === variable);
    return parameter && !segmentHolds(cut[i + 1] ?? '', parameter, expected(parameter.name));
  });
}

function segmentHolds(raw: string, parameter: Parameter, expected: unknown): boolean {
  if (parameter.contentType?.includes('json')) return jsonMeans(percentDecode(raw), expected);
  const { name, style, explode } = parameter;
  const value = visible(expected);
  const prefix = style === 'label' ? '.' : style === 'matrix' ? ';' : '';
  if (!raw.startsWith(prefix)) return false;
  const text = raw.slice(prefix.length);
  const nothing =
    value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
  if (nothing) return text === '' || percentDecode(text) === name;

  const exploded = explode && prefix !== '';
  const parts = (joined: string) => (exploded ? joined.split(prefix) : splitList(joined, style));
  if (Array.isArray(value)) {
    if (style === 'matrix' && explode) {
      return sameLength(parts(text), value).every((part, i) => assigns(part, name, value[i]));
    }
    const items = style === 'matrix' ? valueOf(text, name) : text;
    if (items === undefined) return false;
    if (!exploded) return listHolds(items, value, style, percentDecode);
    return sameLength(parts(items), value).every((part, i) => means(percentDecode(part), value[i]));
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (explode) {
      return sameLength(parts(text), entries).every((part, i) => assigns(part, ...(entries[i] ?? ['', ''])));
    }
    const items = style === 'matrix' ? valueOf(text, name) : text;
    return items !== undefined && listHolds(items, entries.flat(), style, percentDecode);
  }
  return style === 'matrix' ? assigns(text, name, value) : means(percentDecode(text), value);
}

/** `name=value`, or `name` alone for an empty value. */
function assigns(part: string, name: string, expected: unknown): boolean {
  return means(percentDecode(valueOf(part, name) ?? '\u0000'), expected);
}

function valueOf(part: string, name: string): string | undefined {
  const equals = part.indexOf('=');
  const key = equals === -1 ? part : part.slice(0, equals);
  if (percentDecode(key) !== name) return undefined;
  return equals === -1 ? '' : part.slice(equals + 1);
}

/** An array that fails `every` when the lengths differ. */
function sameLength(found: string[], expected: readonly unknown[]): string[] {
  return found.length === expected.length ? found : ['\u0000'];
}

/** A literal of a template, whether it came encoded or not. */
function literalPattern(text: string): string {
  if (/^[A-Za-z0-9/_~]*$/.test(text)) return text;
  return Array.from(text, (character) => {
    const plain = character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    if (/[A-Za-z0-9/]/.test(character)) return plain;
    const bytes = Array.from(
      Buffer.from(character, 'utf8'),
      (byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`,
    );
    return `(?:${plain}|${bytes.join('')})`;
  }).join('');
}
