import { describe, expect, test } from '@jest/globals';
import { jsonLayout } from './layout.js';
import { requestRecord } from './request-record.js';
import type { Exchange } from './request-record.js';

const exchange: Exchange = {
  traceId: 'aKmtdLr6B7KvWiE8',
  service: 'api.callboard',
  handler: 'POST /v1/api/spec',
  startedAt: Date.parse('2025-06-03T18:14:36.606Z'),
  endedAt: Date.parse('2025-06-03T18:14:36.608Z'),
  latencyMs: 1.649,
  method: 'POST',
  url: '/v1/api/spec',
  requestHeaders: {
    host: 'localhost:8080',
    'user-agent': 'PostmanRuntime/7.37.3',
    authorization: 'Basic YWRtaW46YWRtaW4xMjM=',
    'content-length': '270',
  },
  responseHeaders: { 'content-type': 'application/json', 'x-trace-id': 'aKmtdLr6B7KvWiE8' },
  remoteIp: '127.0.0.1',
  body: { name: 1, headers: { 'x-rapidapi-key': 'THEi6IKsE3' }, token: '8710aeb6' },
  status: 400,
  message: 'Expected name to be a text, got 1.',
};

const record = (change: Partial<Exchange> = {}) => requestRecord({ ...exchange, ...change }, 4096);

describe('the record of a request', () => {
  test('has each key of the log table, secrets masked', () => {
    expect(JSON.parse(jsonLayout(record()))).toEqual({
      level: 'error',
      '@timestamp': '2025-06-03T18:14:36.608Z',
      data: '2025-06-03 18:14:36',
      'X-TRACE-ID': 'aKmtdLr6B7KvWiE8',
      service: 'api.callboard',
      handler: 'POST /v1/api/spec',
      time_start: '2025-06-03T18:14:36.606Z',
      time_end: '2025-06-03T18:14:36.608Z',
      latency: '1.6 ms',
      url: '/v1/api/spec',
      req_headers: {
        Authorization: ['Basic xxxx'],
        'Content-Length': ['270'],
        'User-Agent': ['PostmanRuntime/7.37.3'],
      },
      resp_headers: { 'Content-Type': ['application/json'], 'X-Trace-Id': ['aKmtdLr6B7KvWiE8'] },
      content_length: 270,
      method: 'POST',
      host: 'localhost:8080',
      agent: 'PostmanRuntime/7.37.3',
      remote_ip: '127.0.0.1',
      req_body: { name: 1, headers: { 'x-rapidapi-key': 'xxxx' }, token: 'xxxx' },
      status: 400,
      message: 'Expected name to be a text, got 1.',
    });
  });

  test.each([
    [200, 'info', 'OK'],
    [204, 'info', 'No Content'],
    [304, 'info', 'Not Modified'],
    [400, 'error', 'Bad Request'],
    [503, 'error', 'Service Unavailable'],
  ])('status %d is of level %s and says %s when nothing else is said', (status, level, message) => {
    expect(record({ status, message: undefined })).toMatchObject({ level, message });
  });

  test('keeps the query apart from the url, masked', () => {
    const { url, other_data } = record({ status: 200, url: '/v1/api/spec/x?spec=true&api_key=s3cret' }).fields;
    expect(url).toBe('/v1/api/spec/x');
    expect(other_data?.text).toBe('{"query":"spec=true&api_key=xxxx"}');
  });

  test.each([
    ['/v1/api/spec/x#api_key=s3cret', '{"query":"api_key=xxxx"}'],
    ['/v1/api/spec/x#search=s3cret?a=b', '{"query":"search=xxxx"}'],
    ['http://user:s3cret@host/v1/api/spec/x?search=s3cret', '{"query":"search=xxxx"}'],
    ['HTTPS://user:s3cret@host:8080/v1/api/spec/x', undefined],
  ])('reads the address %s where the router does', (url, query) => {
    const { fields } = record({ url });
    expect([fields.url, fields.other_data?.text]).toEqual(['/v1/api/spec/x', query]);
  });

  test.each([
    ['reason=s3cret+text&limit=5', 'reason=xxxx&limit=5'],
    ['error=s3cret&search=s3cret', 'error=xxxx&search=xxxx'],
    ['callback=http%3A%2F%2Fuser%3As3cret%40host%2F&spec=true', 'callback=xxxx&spec=true'],
    ['x-%61pi-key=s3cret', 'x-%61pi-key=xxxx'],
    ['a=%ZZ&b&=&c=d%20e', 'a=%ZZ&b&=&c=d%20e'],
  ])('hides in the query %s what is searched for and what holds secrets', (query, want) => {
    expect(record({ status: 200, url: `/?${query}` }).fields.other_data?.toJSON()).toEqual({ query: want });
  });

  test.each([
    [0.04, '0 ms'],
    [0.2, '0.2 ms'],
    [1234.56, '1234.6 ms'],
    [-5, '0 ms'],
  ])('a latency of %d is %s', (latencyMs, want) => expect(record({ latencyMs }).fields.latency).toBe(want));

  test.each(['s3cr3t', ['s3cr3t'], 31337, true])('tells nothing of a body without names: %j', (body) => {
    expect(JSON.parse(jsonLayout(record({ body })))).toMatchObject({ req_body: 'xxxx' });
  });

  test('tells of what was refused as malformed its names, and what it was meant for', () => {
    const body = {
      service: 'filmot',
      query_parms: { a: 's3cr3t' },
      limit: 31337,
      'a s3cr3t': 1,
      headers: { 'x-a': 's3cr3t' },
    };
    const change = { body, url: '/v1/api/spec?colour=s3cr3t' };
    expect(JSON.parse(jsonLayout(record(change)))).toMatchObject({
      req_body: { service: 'filmot', query_parms: 'xxxx', limit: 'xxxx', xxxx: 'xxxx', headers: { 'x-a': 'xxxx' } },
      other_data: { query: 'colour=xxxx' },
    });
    expect(JSON.parse(jsonLayout(record({ ...change, status: 409 })))).toMatchObject({ req_body: { limit: 31337 } });
  });

  test('tells the same of the parts of a batch, of which some were refused as malformed', () => {
    const processes = [{ service: 'filmot', query_parms: { a: 's3cr3t' } }, 's3cr3t', null, ['s3cr3t']];
    expect(JSON.parse(jsonLayout(record({ body: { processes }, status: 200, isMalformed: true })))).toMatchObject({
      req_body: { processes: [{ service: 'filmot', query_parms: 'xxxx' }, 'xxxx', 'xxxx', 'xxxx'] },
    });
  });

  test('without a steady measure the latency is that between the times', () => {
    expect(record({ latencyMs: undefined }).fields.latency).toBe('2 ms');
    expect(record({ latencyMs: undefined, endedAt: 0 }).fields.latency).toBe('0 ms');
  });
});
