import { describe, expect, test } from '@jest/globals';
import { readTraceContext } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${PARENT}-01`;

describe('a traceparent', () => {
  test.each([
    ['of version 00 is kept', GOOD, GOOD],
    ['that is not sampled is kept', `00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-00`],
    ['with a random trace id says so', `00-${TRACE}-${PARENT}-03`, `00-${TRACE}-${PARENT}-03`],
    ['loses flags that version 00 does not know', `00-${TRACE}-${PARENT}-ff`, `00-${TRACE}-${PARENT}-03`],
    ['of a later version is read as version 00', `cc-${TRACE}-${PARENT}-01`, GOOD],
    ['of a later version may be longer', `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, GOOD],
    ['may have spaces around it', ` ${GOOD}\t`, GOOD],
  ])('%s', (_, header, expected) => {
    expect(readTraceContext(header)).toEqual({ traceparent: expected });
  });

  test.each([
    ['that is missing', undefined],
    ['that is empty', ''],
    ['of version ff', `ff-${TRACE}-${PARENT}-01`],
    ['of version 00 that is longer', `${GOOD}-more`],
    ['of version 00 with a dash at its end', `${GOOD}-`],
    ['of a later version whose flags go on', `cc-${TRACE}-${PARENT}-01.more`],
    ['with a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['with a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['in capitals', GOOD.toUpperCase()],
    ['with a short trace id', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['with a short parent id', `00-${TRACE}-${PARENT.slice(1)}-01`],
    ['without flags', `00-${TRACE}-${PARENT}`],
    ['with one digit of flags', `00-${TRACE}-${PARENT}-1`],
    ['with letters that are no digits', `00-${TRACE.replace('4', 'g')}-${PARENT}-01`],
    ['that came twice', `${GOOD}, ${GOOD}`],
    ['with a line break', `${GOOD}\n-x`],
  ])('%s is none, and its tracestate nothing', (_, header) => {
    expect(readTraceContext(header, 'a=1')).toBeUndefined();
  });
});

describe('a tracestate', () => {
  const stateOf = (tracestate: string | string[]) => readTraceContext(GOOD, tracestate)?.tracestate;

  test.each([
    ['is kept', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ['loses spaces and empty members', ' a=1 , ,\tb=x y ', 'a=1,b=x y'],
    ['may have keys of tenants, and of digits', 'fw529a3039@dt=1,0a=2', 'fw529a3039@dt=1,0a=2'],
    ['may come in several headers', ['a=1', 'b=2'], 'a=1,b=2'],
    ['may have 32 members', numbered(32), numbered(32)],
    ['is left out with 33 members', numbered(33), undefined],
    ['is left out with a key twice', 'a=1,a=2', undefined],
    ['is left out with a key in capitals', 'A=1', undefined],
    ['is left out with a member that has no value', 'a=1,b', undefined],
    ['is left out with a value that has an equals sign', 'a=1=2', undefined],
    ['is left out with characters beyond ASCII', 'a=ä', undefined],
    ['is left out when it is empty', ' , ', undefined],
  ])('%s', (_, header, expected) => {
    expect(stateOf(header)).toBe(expected);
    expect(readTraceContext(GOOD, header)?.traceparent).toBe(GOOD);
  });

  test('beyond 512 characters loses its long members first, then those at its end', () => {
    const long = `long=${'x'.repeat(200)}`;
    const short = Array.from({ length: 5 }, (_, index) => `k${index}=${'y'.repeat(97)}`);
    expect(stateOf([long, ...short].join(','))).toBe(short.join(','));
    expect(stateOf([...short, 'l=' + 'z'.repeat(97)].join(','))).toBe(short.join(','));
    expect(short.join(',').length).toBeLessThanOrEqual(512);
  });

  function numbered(count: number): string {
    return Array.from({ length: count }, (_, index) => `k${index}=${index}`).join(',');
  }
});
