import { expect, test } from '@jest/globals';
import { run } from './index.js';

test('no secret that was given stands in what is written, told or answered, however it is written', async () => {
  const { tried, failures } = await run(() => undefined);
  expect(failures).toEqual([]);
  expect(tried).toBeGreaterThanOrEqual(1_000_000);
}, 600_000);
