import { expect, test } from '@jest/globals';
import { passedHeaders } from './passed-headers.js';

const OF_BODY = { 'content-length': '2', 'content-type': 'application/json' };
const OWN = { authorization: 'Basic eDp5', accept: '*/*', 'idempotency-key': '"a"' };

test.each(['GET', 'HEAD'])('a %s is passed on without what describes a body', (method) => {
  expect(passedHeaders({ ...OWN, ...OF_BODY }, method)).toEqual(OWN);
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('a %s keeps what describes its body', (method) => {
  expect(passedHeaders({ ...OWN, ...OF_BODY }, method)).toEqual({ ...OWN, ...OF_BODY });
});

test('what is about one connection, or said of other proxies, ends here', () => {
  const ended = {
    ...{ connection: 'close', te: 'trailers', 'transfer-encoding': 'chunked', upgrade: 'h2c', expect: '100-continue' },
    ...{ 'keep-alive': 'timeout=5', 'proxy-connection': 'a', trailer: 'x', forwarded: 'for=a' },
    ...{ 'x-forwarded-for': '9.9.9.9', 'x-forwarded-host': 'a', 'x-forwarded-proto': 'https' },
  };
  expect(passedHeaders({ ...ended, ...OWN }, 'POST')).toEqual(OWN);
});
