import { describe, expect, it } from '@jest/globals';
import { RetryPause } from './retry-pause.js';

/** What a pause is at each second, while all fails. */
function failing(pause: RetryPause, from: number, seconds: number): number[] {
  return Array.from({ length: seconds }, (_, second) => pause.failed(from + second * 1_000));
}

describe('the pause before a retry', () => {
  it('grows with the time that a backend has been failing, up to half a minute', () => {
    const pause = new RetryPause();
    expect(failing(pause, 5_000, 8)).toEqual([2_000, 2_000, 4_000, 4_000, 4_000, 4_000, 8_000, 8_000]);
    expect(failing(pause, 13_000, 100).at(-1)).toBe(30_000);
  });

  it('does not grow with how much fails at once', () => {
    const pause = new RetryPause();
    for (let count = 0; count < 1_000; count += 1) expect(pause.failed(7_000)).toBe(2_000);
  });

  it('shrinks step by step once there are answers, and begins anew after a calm time', () => {
    const pause = new RetryPause();
    failing(pause, 0, 7);
    pause.worked(7_000);
    expect(pause.failed(7_500)).toBe(8_000);
    pause.worked(14_000);
    expect(pause.failed(14_500)).toBe(4_000);
    pause.worked(18_000);
    pause.worked(20_000);
    expect(failing(pause, 100_000, 3)).toEqual([2_000, 2_000, 4_000]);
  });

  it('does not last when the clock is set back', () => {
    const pause = new RetryPause();
    failing(pause, 4_000_000, 7);
    pause.worked(400_000);
    expect(pause.failed(400_500)).toBe(4_000);
  });
});
