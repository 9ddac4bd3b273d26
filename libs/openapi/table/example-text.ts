import type { Json } from '../json.js';
import { samplePattern } from './pattern-sample.js';
import { number, text } from './reading.js';

/** Text of each format: https://spec.openapis.org/registry/format/ */
const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-01',
  'date-time': '2026-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'P1D',
  uuid: '00000000-0000-4000-8000-000000000000',
  guid: '00000000-0000-4000-8000-000000000000',
  email: 'user@example.com',
  'idn-email': 'user@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  iri: 'https://example.com',
  'uri-reference': '/example',
  hostname: 'example.com',
  'idn-hostname': 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  ip: '192.0.2.1',
  int32: '1',
  int64: '1',
  uint64: '1',
  byte: 'ZXhhbXBsZQ==',
  base64: 'ZXhhbXBsZQ==',
  base64url: 'ZXhhbXBsZQ',
  'json-pointer': '/example',
  regex: '.*',
};
/** A length that a document asks for is honoured up to this. */
const LONGEST = 1_000;

/** Text that a string schema allows: by its pattern, else by its format, else a plain word, of the length asked for. */
export function sampleText(node: Json): string {
  const pattern = text(node, 'pattern');
  const sample = pattern === undefined ? null : samplePattern(pattern);
  const least = Math.min(number(node, 'minLength') ?? 0, LONGEST);
  const most = number(node, 'maxLength') ?? Infinity;
  if (sample !== null && sample !== '' && sample.length >= least && sample.length <= most) return sample;
  const format = text(node, 'format') ?? '';
  const base = Object.hasOwn(FORMATS, format) ? (FORMATS[format] ?? '') : 'string';
  return base.length > most ? base.slice(0, Math.max(0, most)) : base.padEnd(least, 'a');
}
