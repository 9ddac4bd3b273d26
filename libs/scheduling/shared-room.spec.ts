import { beforeEach, describe, expect, it } from '@jest/globals';
import { SharedRoom } from './shared-room.js';

describe('places that projects share', () => {
  let room: SharedRoom;
  let ended: string[];
  beforeEach(() => {
    room = new SharedRoom(4);
    ended = [];
  });

  const take = (project: string, name: string) => room.take(project, () => ended.push(name));
  const fill = () => [1, 2, 3, 4].map((number) => take('a', `a${number}`));

  it('are all for one project while no other wants any, and then refused', () => {
    expect(fill()).not.toContain(null);
    expect(take('a', 'a5')).toBeNull();
    expect(ended).toEqual([]);
  });

  it('go to another up to an equal share, the oldest first', () => {
    fill();
    expect(take('b', 'b1')).not.toBeNull();
    expect(take('b', 'b2')).not.toBeNull();
    expect(ended).toEqual(['a1', 'a2']);
    expect([take('b', 'b3'), take('a', 'a5')]).toEqual([null, null]);
    // Less than both by more than one is nobody any more.
    expect(take('c', 'c1')).not.toBeNull();
    expect(ended).toHaveLength(3);
  });

  it('are given back once, whoever has them by then', () => {
    const [first, second] = fill();
    take('b', 'b1');
    first?.();
    second?.();
    second?.();
    expect(take('a', 'a5')).not.toBeNull();
    expect(take('a', 'a6')).toBeNull();
  });

  it('are none of nobody', () => {
    expect(new SharedRoom(0).take('a', () => undefined)).toBeNull();
  });
});
