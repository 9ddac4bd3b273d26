import { expect, test } from '@jest/globals';
import { run } from './index.js';

test('no request goes where it does not belong, whatever it is called', async () => {
  const { tried, through, failures } = await run(() => undefined);
  expect(failures).toEqual([]);
  expect(through).toBe(0);
  expect(tried).toBeGreaterThanOrEqual(500);
}, 60_000);
