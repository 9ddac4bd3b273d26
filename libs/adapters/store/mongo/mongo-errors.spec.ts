import { expect, test } from '@jest/globals';
import { mongo } from 'mongoose';
import { NotFound, Unavailable } from '#core';
import { translateMongoError } from './mongo-errors.js';

function withCode(code: string): Error {
  return Object.assign(new Error('This socket has been ended by the other party'), { code });
}

test.each(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])('a socket that fails with %s is no database', (code) => {
  expect(translateMongoError(withCode(code))).toBeInstanceOf(Unavailable);
});

test('a batch that ended because its connection did is no database', () => {
  const error = new mongo.MongoBulkWriteError(
    new Error('Operation interrupted because client was closed'),
    {} as never,
  );
  expect(translateMongoError(error)).toBeInstanceOf(Unavailable);
});

test.each([withCode('ERR_INVALID_ARG_TYPE'), new TypeError('x'), new NotFound('X', 'x')])(
  'a fault of ours stays one: %s',
  (error) => {
    expect(translateMongoError(error)).toBe(error);
  },
);
