import { MongooseError, mongo } from 'mongoose';
import { AppError, Unavailable } from '#core';

const DUPLICATE_KEY = 11000;

/**
 * Codes with which a server says that it cannot serve just now: internal errors, time-outs, shutting down, no longer
 * or not yet primary, out of disk, not (yet) authorised.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const SERVER_CODES = new Set([
  1, 6, 7, 11, 13, 18, 43, 50, 63, 64, 79, 89, 91, 133, 189, 202, 262, 290, 317, 358, 9001, 10058, 10107, 11600, 11602,
  13388, 13435, 13436, 14031, 15988,
]);

/** Failures of the way to the server, told by class. */
const CLIENT_ERRORS = [
  MongooseError,
  mongo.MongoNetworkError,
  mongo.MongoServerSelectionError,
  mongo.MongoNotConnectedError,
  mongo.MongoTopologyClosedError,
  mongo.MongoClientClosedError,
  mongo.MongoExpiredSessionError,
  mongo.MongoWriteConcernError,
];

/** Failures of a socket that the driver passes on as Node.js has them: https://nodejs.org/api/errors.html */
const SOCKET_CODES = new Set([
  ...['ECONNABORTED', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ETIMEDOUT'],
  ...['ERR_SOCKET_CLOSED', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'],
]);

/** What callers are told while there is no database. It names no address: it may reach a client. */
export function unavailable(cause?: unknown): Unavailable {
  const sentence = 'Expected an answer from the database, but it cannot be reached just now.';
  return new Unavailable('DATABASE_UNREACHABLE', sentence, { cause });
}

/** `Unavailable` where the server or the way to it is to blame; anything else as it is. */
export function translateMongoError(error: unknown): unknown {
  if (error instanceof AppError || isDuplicateKey(error)) return error;
  const known =
    CLIENT_ERRORS.some((type) => error instanceof type) ||
    (error instanceof Error && 'code' in error && SOCKET_CODES.has(String(error.code))) ||
    isBrokenBatch(error) ||
    (error instanceof mongo.MongoError &&
      (error.hasErrorLabel('RetryableWriteError') ||
        error.constructor.name === 'MongoWaitQueueTimeoutError' ||
        SERVER_CODES.has(Number(error.code))));
  return known ? unavailable(error) : error;
}

/** Whether a unique index refused a write. FerretDB tells it of an insert as MongoDB does, of an update only in words. */
export function isDuplicateKey(error: unknown): boolean {
  if (!(error instanceof mongo.MongoServerError)) return false;
  return error.code === DUPLICATE_KEY || error.message.includes('duplicate key value violates unique constraint');
}

/** A batch that ended without a word from the server: the driver wraps what ended it, and keeps only its text. */
function isBrokenBatch(error: unknown): boolean {
  return (
    error instanceof mongo.MongoBulkWriteError && error.code === undefined && [error.writeErrors].flat().length === 0
  );
}

/** Which items of an unordered batch a unique index refused; null when it was not that, or not only that. */
export function refusedItems(error: unknown): mongo.WriteError[] | null {
  if (!(error instanceof mongo.MongoBulkWriteError)) return null;
  const refused = [error.writeErrors].flat();
  const onlyThat = refused.length > 0 && refused.every((item) => item.code === DUPLICATE_KEY);
  return onlyThat && !error.result.getWriteConcernError() ? refused : null;
}
