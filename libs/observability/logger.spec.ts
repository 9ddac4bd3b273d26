import { describe, expect, test } from '@jest/globals';
import type { LogRecord } from '#core';
import { FakeClock } from '#testing';
import { lines, Logger } from './index.js';
import type { LoggerOptions } from './index.js';

function openLog(options: Partial<LoggerOptions> = {}) {
  const written: string[] = [];
  const logger = Logger.create({
    clock: new FakeClock(Date.parse('2023-01-01T12:00:00.000Z')),
    service: 'worker.callboard',
    layout: 'text',
    level: 'info',
    writeStdout: true,
    bodyMaxBytes: 4096,
    output: { write: (line) => written.push(line), drain: () => Promise.resolve() },
    ...options,
  });
  return { logger, written };
}

describe('a logger', () => {
  test('writes a record with the details that it was given', () => {
    const { logger, written } = openLog();
    logger.child({ handler: 'SCHEDULER_PROCESS' }).warn('Expected a Spec, got none.', {
      traceId: 'aKmtdLr6B7KvWiE8',
      startedAt: 1_000,
      endedAt: 1_002,
      queueMessage: '{"trace_id":"aKmtdLr6B7KvWiE8","data":{"password":"s3cret"}}',
      otherData: { attempt: 2 },
    });
    expect(written).toEqual([
      '12:00PM WRN Expected a Spec, got none. @timestamp=2023-01-01T12:00:00.000Z X-TRACE-ID=aKmtdLr6B7KvWiE8' +
        ' data="2023-01-01 12:00:00" handler=SCHEDULER_PROCESS latency="2 ms" other_data={"attempt":2}' +
        ' queue_msg_body={"trace_id":"aKmtdLr6B7KvWiE8","data":{"password":"xxxx"}} service=worker.callboard' +
        ' time_end=1970-01-01T00:00:01.002Z time_start=1970-01-01T00:00:01.000Z\n',
    ]);
  });

  test('tells what was thrown with its stack and causes, without secrets', () => {
    const { logger, written } = openLog({ layout: 'json' });
    const cause = Object.assign(new Error('connect mongodb://u:s3cret@h failed'), { code: 'ECONNREFUSED' });
    logger.error('Expected amqp://u:s3cret@h to answer.', { error: new TypeError('gone', { cause }) });
    const record = JSON.parse(written[0]!) as { message: string; other_data: { error: { stack: string[] } } };
    expect(record.message).toBe('Expected amqp://xxxx@h to answer.');
    expect(record.other_data.error).toMatchObject({
      name: 'TypeError',
      message: 'gone',
      cause: { name: 'Error', code: 'ECONNREFUSED', message: 'connect mongodb://xxxx@h failed' },
    });
    expect(record.other_data.error.stack[0]).toMatch(/^at .*logger\.spec/);
    expect(written[0]).not.toContain('s3cret');
  });

  test.each([
    ['text', '2023/01/01 12:00:00 Starting worker service on port 8081\n'],
    [
      'json',
      '{"level":"info","@timestamp":"2023-01-01T12:00:00.000Z","data":"2023-01-01 12:00:00","service":"worker.callboard","message":"Starting worker service on port 8081"}\n',
    ],
  ] as const)('says lines of its own in %s', (layout, want) => {
    const { logger, written } = openLog({ layout });
    logger.line(lines.starting('worker', 8081));
    expect(written).toEqual([want]);
  });

  test('leaves out what is less severe than its level', () => {
    const { logger, written } = openLog({ level: 'warn' });
    for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) logger[level]('x');
    logger.line('x');
    expect(written.map((line) => line.split(' ')[1])).toEqual(['WRN', 'ERR', 'FTL']);
    expect(logger.wants('info')).toBe(false);
  });

  test('hands records to the store also when it writes nothing, and children do too', () => {
    const { logger, written } = openLog({ writeStdout: false });
    const child = logger.child({ service: 'api.callboard' });
    expect(child.wants('error')).toBe(false);
    const kept: LogRecord[] = [];
    logger.keepWith((record) => kept.push(JSON.parse(record) as LogRecord));
    child.info('x', { status: 5 });
    child.line('said, not kept');
    expect(written).toEqual([]);
    expect(kept).toEqual([
      {
        level: 'info',
        '@timestamp': '2023-01-01T12:00:00.000Z',
        data: '2023-01-01 12:00:00',
        service: 'api.callboard',
        status: 5,
        message: 'x',
      },
    ]);
  });

  test('drains its output, but does not wait for a reader that does not read', async () => {
    const clock = new FakeClock();
    let drained = false;
    const drain = () => new Promise<void>(() => (drained = true));
    const { logger } = openLog({ clock, output: { write: () => undefined, drain } });
    const done = logger.drain();
    expect(drained).toBe(true);
    await clock.advance(2_000);
    await done;
    await openLog().logger.drain();
    await openLog({ writeStdout: false }).logger.drain();
  });
});

test.each([
  [lines.connected('RabbitMQ', 'amqp://guest:guest@rabbitmq:5672/'), 'Connected to RabbitMQ at amqp://rabbitmq:5672/'],
  [lines.workers(5), 'Starting 5 concurrent workers'],
  [lines.received('aKmtdLr6B7KvWiE8'), 'Consumer received message with ID: aKmtdLr6B7KvWiE8'],
  [lines.completed(), 'Task completed successfully, status updated in MongoDB'],
])('%s', (line, want) => expect(line).toBe(want));
