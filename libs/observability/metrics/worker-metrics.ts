import { Counter, Gauge, Histogram } from 'prom-client';
import type { BreakerState, HoldReason, Spec } from '#core';
import type { Clock, ConsumeObserver, DeadLetterKind, MessageType, ProcessOutcome, SchedulerProcess } from '#core';
import { AppMetrics } from './app-metrics.js';
import { ServiceLabels } from './service-labels.js';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];

/** In the order of their numbers. */
const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];

/** What a worker does with messages and processes: the figures of what it has begun and ended itself. */
export class WorkerMetrics extends AppMetrics implements ConsumeObserver {
  private readonly labels = new ServiceLabels();
  private readonly startedTotal = this.counter('processes_started_total', 'Processes begun.', ['service']);
  private readonly endedTotal = this.counter('processes_ended_total', 'Processes ended.', ['service', 'status']);
  private readonly retriesTotal = this.counter('retries_total', 'Calls that failed and are made again.', ['service']);
  private readonly answersTotal = this.counter('answers_total', 'Answers, by whether the cache had them.', [
    'service',
    'cache',
  ]);
  private readonly driftTotal = this.counter('drifted_answers_total', 'Answers that differ from the document.', [
    'service',
  ]);
  private readonly heldTotal = this.counter('held_total', 'Calls that were due and held, by why.', ['service', 'why']);
  private readonly breakerState = new Gauge({
    name: 'callboard_breaker_state',
    help: 'The breakers that have been open: 0 closed, 1 half-open, 2 open.',
    labelNames: ['service'],
    registers: [this.registry],
  });
  private readonly sweptTotal = this.counter('swept_total', 'What was let go for its age or size.', ['kind']);
  private readonly deadLettersTotal = this.counter('dead_letters_total', 'What was given up.', ['kind']);
  private readonly messagesTotal = this.counter('messages_total', 'Messages handled, by what became of them.', [
    'type',
    'outcome',
  ]);
  private readonly reconnectsTotal = this.counter(
    'consumer_reconnects_total',
    'Consumers of the message bus that were made in place of lost ones.',
    [],
  );
  private readonly perMessage = this.histogram('message_seconds', 'How long a message was with its handler.', 'type');
  private readonly toStart = this.histogram(
    'start_latency_seconds',
    'From when a process was due to its start.',
    'service',
  );
  private readonly toEnd = this.histogram('end_latency_seconds', 'From when a process was due to its end.', 'service');

  constructor(private readonly clock: Clock) {
    super();
  }

  /** A process is about to be called for the first time. */
  started(process: SchedulerProcess): void {
    const service = this.labels.of(process);
    this.startedTotal.inc({ service });
    this.toStart.observe({ service }, this.sinceDue(process));
  }

  held(process: SchedulerProcess, why: HoldReason): void {
    this.heldTotal.inc({ service: this.labels.of(process), why });
  }

  /** Of services beyond those that have figures of their own, the one that changed last is told. */
  breaker({ traceId: specTraceId, name: service }: Pick<Spec, 'traceId' | 'name'>, state: BreakerState): void {
    this.breakerState.set({ service: this.labels.of({ service, specTraceId }) }, BREAKER_STATES.indexOf(state));
  }

  triedLater(process: SchedulerProcess): void {
    this.retriesTotal.inc({ service: this.labels.of(process) });
  }

  ended(process: SchedulerProcess, { status, response, drift, isDead }: ProcessOutcome): void {
    const service = this.labels.of(process);
    this.endedTotal.inc({ service, status });
    this.toEnd.observe({ service }, this.sinceDue(process));
    if (response) this.answersTotal.inc({ service, cache: response.cache });
    if (drift) this.driftTotal.inc({ service });
    if (isDead) this.deadLetter('process');
  }

  deadLetter(kind: DeadLetterKind): void {
    this.deadLettersTotal.inc({ kind });
  }

  handled(type: MessageType, outcome: Parameters<ConsumeObserver['handled']>[1], seconds: number): void {
    this.messagesTotal.inc({ type, outcome });
    this.perMessage.observe({ type }, seconds);
  }

  reconnected(): void {
    this.reconnectsTotal.inc();
  }

  swept(kind: string, count: number): void {
    this.sweptTotal.inc({ kind }, count);
  }

  /** In seconds. */
  private sinceDue({ dueAt, createdAt }: SchedulerProcess): number {
    return Math.max(0, this.clock.now() - (dueAt ?? createdAt)) / 1_000;
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `callboard_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram<Label extends string>(name: string, help: string, label: Label): Histogram<Label> {
    const about = { name: `callboard_${name}`, help, labelNames: [label] };
    return new Histogram({ ...about, buckets: BUCKETS, registers: [this.registry] });
  }
}
