import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { messageOf } from '#core';

/** Lines for the head of a script: `now` in milliseconds by Redis's clock, and `text`, which keeps their fractions. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local function text(number) return string.format('%.3f', number) end
`;

/** What Redis runs at once. It is sent by its hash, and whole only where Redis does not have it yet. */
export class Script<Answer> {
  private readonly hash: string;

  constructor(private readonly lua: string) {
    this.hash = createHash('sha1').update(lua).digest('hex');
  }

  async run(redis: Redis, keys: readonly string[], row: readonly (string | number)[]): Promise<Answer> {
    const parameters = [keys.length, ...keys, ...row] as const;
    try {
      return (await redis.evalsha(this.hash, ...parameters)) as Answer;
    } catch (error) {
      if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
      return (await redis.eval(this.lua, ...parameters)) as Answer;
    }
  }
}
