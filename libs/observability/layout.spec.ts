import { describe, expect, test } from '@jest/globals';
import { jsonLayout, plainLayout, textLayout } from './layout.js';
import type { LogRecord } from '#core';
import { LoggedBody } from './mask/mask-body.js';
import { LoggedHeaders } from './mask/mask-headers.js';
import { toLogRecord } from './record.js';
import type { Entry } from './record.js';

/** The contract's own sample. */
const sample: Entry = {
  level: 'error',
  message: 'json: cannot unmarshal number into Go struct field CreateSpecReq.name of type string',
  fields: {
    '@timestamp': '2025-06-03T18:14:10.277Z',
    data: '2025-06-03 18:14:10',
    'X-TRACE-ID': 'RfZ3NhX7noIF26tZ',
    service: 'api.callboard',
    handler: 'func (s *connects.HConn) SpecCreate(c *quick.Ctx)',
    time_start: '2025-06-03T18:14:10.277Z',
    time_end: '2025-06-03T18:14:10.277Z',
    latency: '0 ms',
    url: '/v1/api/spec',
    req_headers: new LoggedHeaders(
      '{"Accept":["*/*"],"Accept-Encoding":["gzip, deflate, br"],"Authorization":["Basic xxxx"]}',
    ),
    resp_headers: new LoggedHeaders('{"Content-Type":["application/json"],"X-Trace-Id":["RfZ3NhX7noIF26tZ"]}'),
    content_length: 270,
    method: 'POST',
    host: 'localhost:8080',
    agent: 'PostmanRuntime/7.37.3',
    remote_ip: '127.0.0.1',
    req_body: new LoggedBody('{"name":1}', true),
    queue_msg_body: undefined,
    other_data: undefined,
    status: 400,
  },
};

const entry = (message: string, time = '2023-01-01T12:00:00.000Z'): Entry => ({
  level: 'info',
  message,
  fields: { '@timestamp': time, data: `${time.slice(0, 10)} ${time.slice(11, 19)}`, service: 's' },
});

describe('layouts', () => {
  test('text is the line of the contract: time, level, message, sorted keys', () => {
    expect(textLayout(sample)).toBe(
      '6:14PM ERR json: cannot unmarshal number into Go struct field CreateSpecReq.name of type string' +
        ' @timestamp=2025-06-03T18:14:10.277Z X-TRACE-ID=RfZ3NhX7noIF26tZ agent=PostmanRuntime/7.37.3' +
        ' content_length=270 data="2025-06-03 18:14:10"' +
        ' handler="func (s *connects.HConn) SpecCreate(c *quick.Ctx)" host=localhost:8080 latency="0 ms"' +
        ' method=POST remote_ip=127.0.0.1 req_body={"name":1}' +
        ' req_headers={"Accept":["*/*"],"Accept-Encoding":["gzip, deflate, br"],"Authorization":["Basic xxxx"]}' +
        ' resp_headers={"Content-Type":["application/json"],"X-Trace-Id":["RfZ3NhX7noIF26tZ"]}' +
        ' service=api.callboard status=400 time_end=2025-06-03T18:14:10.277Z time_start=2025-06-03T18:14:10.277Z' +
        ' url=/v1/api/spec\n',
    );
  });

  test('JSON is the object of the contract, keys in its order, the body embedded', () => {
    expect(jsonLayout(sample)).toBe(
      '{"level":"error","@timestamp":"2025-06-03T18:14:10.277Z","data":"2025-06-03 18:14:10",' +
        '"X-TRACE-ID":"RfZ3NhX7noIF26tZ","service":"api.callboard",' +
        '"handler":"func (s *connects.HConn) SpecCreate(c *quick.Ctx)","time_start":"2025-06-03T18:14:10.277Z",' +
        '"time_end":"2025-06-03T18:14:10.277Z","latency":"0 ms","url":"/v1/api/spec",' +
        '"req_headers":{"Accept":["*/*"],"Accept-Encoding":["gzip, deflate, br"],"Authorization":["Basic xxxx"]},' +
        '"resp_headers":{"Content-Type":["application/json"],"X-Trace-Id":["RfZ3NhX7noIF26tZ"]},' +
        '"content_length":270,"method":"POST","host":"localhost:8080","agent":"PostmanRuntime/7.37.3",' +
        '"remote_ip":"127.0.0.1","req_body":{"name":1},"status":400,' +
        '"message":"json: cannot unmarshal number into Go struct field CreateSpecReq.name of type string"}\n',
    );
  });

  test('what a process says of itself is a dated line', () => {
    expect(plainLayout(entry('Starting worker service on port 8081'))).toBe(
      '2023/01/01 12:00:00 Starting worker service on port 8081\n',
    );
  });

  test('a body that is no JSON is a text in both', () => {
    const cut = { ...sample, fields: { ...sample.fields, req_body: new LoggedBody('{"a":…', false) } };
    expect(textLayout(cut)).toContain(' req_body="{\\"a\\":…" req_headers=');
    expect(jsonLayout(cut)).toContain(',"req_body":"{\\"a\\":…","status"');
  });

  test.each([
    ['whole', new LoggedBody('{"trace_id":"a"}', true), '"{\\"trace_id\\":\\"a\\"}"'],
    ['cut', new LoggedBody('{"trace_id":…', false), '"{\\"trace_id\\":…"'],
  ])('a message of the queue is a text in JSON, also when %s', (_, queue_msg_body, want) => {
    const line = jsonLayout({ ...sample, fields: { ...sample.fields, queue_msg_body } });
    expect(line).toContain(`,"queue_msg_body":${want},`);
    JSON.parse(line);
  });

  test.each([
    ['2025-01-01T00:05:00.000Z', '12:05AM'],
    ['2025-01-01T09:30:00.000Z', '9:30AM'],
    ['2025-01-01T12:00:00.000Z', '12:00PM'],
    ['2025-01-01T23:59:59.999Z', '11:59PM'],
  ])('the time %s is told as %s', (time, want) => expect(textLayout(entry('x', time))).toMatch(`${want} INF x @`));

  test('nothing that a caller sends makes a second line or moves the terminal', () => {
    const hostile = 'a\nb\r\u001b[2J\u009b31m\u2028\u202ec';
    for (const layout of [textLayout, plainLayout]) {
      const line = layout({ ...entry(hostile), fields: { ...entry('').fields, agent: hostile } });
      expect(line).toContain('a\\nb\\u000d\\u001b[2J\\u009b31m\\u2028\\u202ec');
      expect(line).toMatch(/^[^\p{Cc}\u2028\u202e]*\n$/u);
    }
    expect(jsonLayout(entry(hostile)).indexOf('\n')).toBe(jsonLayout(entry(hostile)).length - 1);
  });

  test('a kept record has the keys of the table, bodies as text and other data as an object', () => {
    const fields = { ...sample.fields, other_data: new LoggedBody('{"query":"spec=true"}', true) };
    const record = JSON.parse(toLogRecord({ ...sample, fields })) as LogRecord;
    expect(record).toMatchObject({
      level: 'error',
      message: sample.message,
      status: 400,
      resp_headers: { 'Content-Type': ['application/json'] },
      req_body: '{"name":1}',
      other_data: { query: 'spec=true' },
    });
    expect(Object.keys(record)).not.toContain('queue_msg_body');
  });
});
