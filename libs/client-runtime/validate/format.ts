import { isIPv4, isIPv6 } from 'node:net';

/** What a format asks of values of one type; others pass. */
export interface Format {
  /** What fits, for a sentence: "a UUID". */
  readonly name: string;
  readonly text?: ((text: string) => boolean) | undefined;
  readonly number?: ((value: number) => boolean) | undefined;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
/** RFC 3339, and without seconds or zone as many services write it. */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(?:[Zz]|[+-]\d\d:?(?:\d\d)?)?$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(?:[Zz]|[+-]\d\d:?(?:\d\d)?)?$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const INT64 = 2 ** 63;

const FORMATS: Readonly<Record<string, Format>> = {
  int32: integer('a 32-bit integer', 2 ** 31),
  int64: integer('a 64-bit integer', INT64),
  float: { name: 'a number', number: Number.isFinite },
  double: { name: 'a number', number: Number.isFinite },
  date: { name: 'a date such as 2024-01-31', text: isDate },
  'date-time': { name: 'a date and time such as 2024-01-31T12:00:00Z', text: isDateTime },
  time: { name: 'a time such as 12:00:00Z', text: (text) => isTime(TIME.exec(text)?.slice(1)) },
  duration: {
    name: 'a duration such as P1DT12H',
    text: (text) =>
      /^[+-]?P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?!$)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/.test(text),
  },
  uuid: { name: 'a UUID', text: (text) => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text) },
  email: { name: 'an e-mail address', text: (text) => /^[^\s@]+@[^\s@]+$/.test(text) },
  uri: { name: 'a URI with its scheme', text: (text) => /^[a-z][a-z\d+.-]*:[^\s<>"\\^`]*$/i.test(text) },
  'uri-reference': { name: 'a URI or a relative reference', text: (text) => !/[\s<>"\\^`]/.test(text) },
  ipv4: { name: 'an IPv4 address', text: isIPv4 },
  ipv6: { name: 'an IPv6 address', text: isIPv6 },
  hostname: { name: 'a host name', text: isHostname },
  byte: { name: 'base64 text', text: isBase64 },
};

/**
 * The formats that are checked, by name: those that OpenAPI and JSON Schema define and documents use. Where services commonly
 * write a form of it that the standard does not have, that passes too; other formats mean nothing here.
 * https://spec.openapis.org/registry/format/
 */
export function formatOf(name: unknown): Format | undefined {
  return typeof name === 'string' && Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

/** Base64 of either alphabet, with or without padding and line breaks. */
export function isBase64(text: string): boolean {
  const compact = text.replace(/\s+/g, '');
  return /^[\w+/-]*={0,2}$/.test(compact) && compact.replace(/=+$/, '').length % 4 !== 1;
}

function integer(name: string, bound: number): Format {
  const holds = (value: number): boolean =>
    Number.isInteger(value) && value >= -bound && value <= bound - (bound < INT64 ? 1 : 0);
  return { name, number: holds, text: (text) => /^[+-]?\d{1,40}$/.test(text) && holds(Number(text)) };
}

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return false;
  const days = DAYS[Number(month) - 1] ?? 0;
  const isLeap = (Number(year) % 4 === 0 && Number(year) % 100 !== 0) || Number(year) % 400 === 0;
  return Number(day) >= 1 && Number(day) <= (Number(month) === 2 && !isLeap ? 28 : days);
}

function isDateTime(text: string): boolean {
  const [, date = '', ...time] = DATE_TIME.exec(text) ?? [];
  return isDate(date) && isTime(time);
}

/** A minute may have a leap second. */
function isTime(parts: readonly (string | undefined)[] | undefined): boolean {
  if (parts === undefined) return false;
  const [hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  return hour <= 24 && minute <= 59 && second <= 60;
}

function isHostname(text: string): boolean {
  return (
    text.length <= 253 &&
    text
      .replace(/\.$/, '')
      .split('.')
      .every((label) => LABEL.test(label))
  );
}
