import { describe, expect, it } from '@jest/globals';
import { InvalidInput } from '#core';
import { exactInput } from './exact-numbers.js';

const call = (body: string) => `{"service":"s","req_body":${body}}`;

describe('a body that is sent as it was written', () => {
  it('has each name once, or what was judged is not what a service may read', () => {
    const twice = call('{"role":"admin","role":"user","n":12345678901234567890}');
    expect(() => exactInput(twice)).toThrow(InvalidInput);
    expect(() => exactInput(twice)).toThrow('to have each name once, got one twice');
    const once = '{"role":"user","n":12345678901234567890}';
    expect(exactInput(call(once)).reqBodyJson).toBe(once);
  });

  it('is none where reading it loses nothing, and then the last of a name counts', () => {
    expect(exactInput(call('{"role":"admin","role":"user","n":1}')).reqBodyJson).toBeUndefined();
  });
});
