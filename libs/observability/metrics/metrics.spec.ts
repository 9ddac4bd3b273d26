import { afterEach, expect, it } from '@jest/globals';
import type { Backlog, ProcessOutcome } from '#core';
import { Unavailable } from '#core';
import { FakeClock, sampleProcess, sampleResponse, SAMPLE_TIME } from '#testing';
import { ApiMetrics } from './api-metrics.js';
import type { AppMetrics } from './app-metrics.js';
import { ServiceLabels } from './service-labels.js';
import { WorkerMetrics } from './worker-metrics.js';

const made: AppMetrics[] = [];
afterEach(() => made.splice(0).forEach((metrics) => metrics.close()));

function keep<T extends AppMetrics>(metrics: T): T {
  made.push(metrics);
  return metrics;
}

/** The lines of one figure. */
async function lines(metrics: AppMetrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
}

it('as many services have a label as allowed; later ones share one, and names without a Spec another', () => {
  const labels = new ServiceLabels(2);
  const of = (service: string, specTraceId: string | null = 'SpecSpecSpecSpec') => labels.of({ service, specTraceId });
  expect([of('no', null), of('a'), of('b'), of('c'), of('a'), of('c', null)]).toEqual([
    'unknown',
    'a',
    'b',
    'other',
    'a',
    'unknown',
  ]);
});

it('a worker counts what it begins, makes again and ends, and how late', async () => {
  const metrics = keep(new WorkerMetrics(new FakeClock(SAMPLE_TIME + 40)));
  const process = sampleProcess();
  const response = sampleResponse({ cache: 'HIT' });
  const drift = { specTraceId: 'S', method: 'GET', path: '/', faults: [] };
  const outcome: ProcessOutcome = { status: 'SUCCESS', response, drift };
  metrics.started(process);
  metrics.triedLater(process);
  metrics.ended(process, outcome);
  metrics.ended(process, { status: 'ERROR', error: 'broken', isDead: true });
  metrics.deadLetter('message');
  expect(await lines(metrics, 'callboard_processes_')).toEqual([
    'callboard_processes_started_total{service="filmot"} 1',
    'callboard_processes_ended_total{service="filmot",status="SUCCESS"} 1',
    'callboard_processes_ended_total{service="filmot",status="ERROR"} 1',
  ]);
  expect(await lines(metrics, 'callboard_dead_letters_total')).toEqual([
    'callboard_dead_letters_total{kind="process"} 1',
    'callboard_dead_letters_total{kind="message"} 1',
  ]);
  expect(await lines(metrics, 'callboard_retries_total')).toEqual(['callboard_retries_total{service="filmot"} 1']);
  expect(await lines(metrics, 'callboard_answers_total')).toEqual([
    'callboard_answers_total{service="filmot",cache="HIT"} 1',
  ]);
  metrics.swept('process', 3);
  expect(await lines(metrics, 'callboard_swept_total')).toEqual(['callboard_swept_total{kind="process"} 3']);
  expect(await lines(metrics, 'callboard_drifted')).toEqual(['callboard_drifted_answers_total{service="filmot"} 1']);
  expect(await lines(metrics, 'callboard_start_latency_seconds_sum')).toEqual([
    'callboard_start_latency_seconds_sum{service="filmot"} 0.04',
  ]);
  expect(await lines(metrics, 'callboard_end_latency_seconds_count')).toEqual([
    'callboard_end_latency_seconds_count{service="filmot"} 2',
  ]);
});

it('a worker counts messages by what became of them, times them, and counts consumers made anew', async () => {
  const metrics = keep(new WorkerMetrics(new FakeClock()));
  metrics.handled('SPEC', 'ack', 0.25);
  metrics.handled('SPEC', 'fault', 0.5);
  metrics.reconnected();
  expect(await lines(metrics, 'callboard_messages_total')).toEqual([
    'callboard_messages_total{type="SPEC",outcome="ack"} 1',
    'callboard_messages_total{type="SPEC",outcome="fault"} 1',
  ]);
  expect(await lines(metrics, 'callboard_message_seconds_sum')).toEqual([
    'callboard_message_seconds_sum{type="SPEC"} 0.75',
  ]);
  expect(await lines(metrics, 'callboard_consumer_reconnects_total')).toEqual([
    'callboard_consumer_reconnects_total 1',
  ]);
});

it('an API counts what it accepts, and asks the database for the rest every five seconds at most', async () => {
  const clock = new FakeClock(SAMPLE_TIME);
  let asked = 0;
  let backlog: () => Promise<Backlog> = async () => ({ pending: 7, oldestDueAt: SAMPLE_TIME - 1_500 });
  const processes = {
    backlog: () => {
      asked += 1;
      return backlog();
    },
  };
  const metrics = keep(new ApiMetrics(processes, clock));
  metrics.accepted(sampleProcess());
  metrics.cancelled(sampleProcess());
  expect(await lines(metrics, 'callboard_processes_ended_total')).toEqual([
    'callboard_processes_ended_total{service="filmot",status="CANCELLED"} 1',
  ]);
  const figures = async () => [
    ...(await lines(metrics, 'callboard_processes_accepted')),
    ...(await lines(metrics, 'callboard_processes_pending')),
    ...(await lines(metrics, 'callboard_oldest')),
  ];
  const accepted = 'callboard_processes_accepted_total{service="filmot"} 1';
  const first = [accepted, 'callboard_processes_pending 7', 'callboard_oldest_due_age_seconds 1.5'];
  expect(await figures()).toEqual(first);
  expect(asked).toBe(1);
  await clock.advance(5_000);
  backlog = () => Promise.reject(new Unavailable('AWAY', 'It is away.'));
  expect(await figures()).toEqual([
    accepted,
    'callboard_processes_pending Nan',
    'callboard_oldest_due_age_seconds Nan',
  ]);
  await clock.advance(5_000);
  backlog = async () => ({ pending: 0, oldestDueAt: null });
  expect((await figures()).slice(1)).toEqual(['callboard_processes_pending 0', 'callboard_oldest_due_age_seconds 0']);
  expect(await lines(metrics, 'callboard_processes_ended')).toEqual([
    'callboard_processes_ended_total{service="filmot",status="CANCELLED"} 1',
  ]);
});

it('every application tells of its process', async () => {
  const metrics = keep(new ApiMetrics({ backlog: async () => ({ pending: 0, oldestDueAt: null }) }, new FakeClock()));
  const text = await metrics.text();
  for (const name of [
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'callboard_event_loop_lag_seconds{quantile="0.99"}',
  ]) {
    expect(text).toMatch(new RegExp(`^${name.replace(/[{}.]/g, '\\$&')} [0-9.e+]+$`, 'm'));
  }
});
