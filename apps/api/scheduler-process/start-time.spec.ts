import { describe, expect, it, test } from '@jest/globals';
import { expiryTime, isDelay, startTime } from './start-time.js';

const NOW = Date.parse('2027-12-31T23:00:00.000Z');

describe('the time to start', () => {
  it.each([
    [undefined, undefined, null],
    [null, null, null],
    ['2028-01-01T00:00:00Z', undefined, '2028-01-01T00:00:00.000Z'],
    ['2028-01-01T00:00:00.5+02:00', undefined, '2027-12-31T22:00:00.500Z'],
    ['2020-01-01T00:00:00Z', undefined, '2020-01-01T00:00:00.000Z'],
    [undefined, 0, '2027-12-31T23:00:00.000Z'],
    [undefined, 1.5, '2027-12-31T23:00:01.500Z'],
    [undefined, 'PT1H30M', '2028-01-01T00:30:00.000Z'],
    [undefined, 'P1D', '2028-01-01T23:00:00.000Z'],
    [undefined, 'P2W', '2028-01-14T23:00:00.000Z'],
    [undefined, 'P1Y', '2028-12-31T23:00:00.000Z'],
    [undefined, 31_622_400, '2028-12-31T23:00:00.000Z'],
  ])('of run_at %j and delay %j is %j', (runAt, delay, expected) => {
    const time = startTime(runAt, delay, NOW);
    expect(time === undefined ? null : new Date(time).toISOString()).toBe(expected);
  });

  it.each([
    ['2030-01-01T00:00:00Z', undefined, 'run_at'],
    [undefined, 'P2Y', 'delay'],
    [undefined, `P${'9'.repeat(50)}Y`, 'delay'],
  ])('of run_at %j and delay %j is refused', (runAt, delay, field) => {
    expect(() => startTime(runAt, delay, NOW)).toThrow(`Expected ${field} to be at most 366 days ahead, got more.`);
  });
});

describe('the time to have started by', () => {
  it.each([
    [undefined, undefined, undefined],
    [null, NOW, undefined],
    ['2028-01-01T00:00:00Z', undefined, Date.parse('2028-01-01T00:00:00Z')],
    ['2028-01-01T00:00:00.001Z', Date.parse('2028-01-01T00:00:00Z'), Date.parse('2028-01-01T00:00:00.001Z')],
    ['2028-01-01T00:00:00Z', 0, Date.parse('2028-01-01T00:00:00Z')],
  ])('of %j with the start at %j is %j', (expiresAt, start, expected) => {
    expect(expiryTime(expiresAt, start, NOW)).toBe(expected);
  });

  it.each([
    ['2027-12-31T23:00:00Z', undefined, '2027-12-31T23:00:00.000Z'],
    ['2020-01-01T00:00:00Z', 0, '2027-12-31T23:00:00.000Z'],
    ['2028-01-01T00:00:00Z', Date.parse('2028-01-01T00:00:00Z'), '2028-01-01T00:00:00.000Z'],
  ])('of %j with the start at %j is refused', (expiresAt, start, earliest) => {
    expect(() => expiryTime(expiresAt, start, NOW)).toThrow(`Expected expires_at to be after the start (${earliest})`);
  });
});

test.each([
  ['PT1S', true],
  ['P1Y2M3DT4H5M6S', true],
  ['PT0.5S', true],
  ['P', false],
  ['PT', false],
  ['1h', false],
  ['-PT1S', false],
  ['', false],
  [0, true],
  [31_622_400, true],
  [-1, false],
  [31_622_401, false],
  [NaN, false],
])('%j is a delay: %s', (delay, is) => {
  expect(isDelay(delay)).toBe(is);
});
