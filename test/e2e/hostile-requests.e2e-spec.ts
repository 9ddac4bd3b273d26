import { expect, it } from '@jest/globals';
import { run } from '../../tools/security/requests/index.js';

/** Of the attacks on single fields; `npm run security requests` makes all of them. */
const EVERY = 15;

it('no hostile request gets a fault of the server, a hang, or the answer to another', async () => {
  const { tried, failures } = await run(() => undefined, EVERY);
  expect(failures).toEqual([]);
  expect(tried).toBeGreaterThan(500);
}, 300_000);
