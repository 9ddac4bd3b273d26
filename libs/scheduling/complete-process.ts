import { z } from 'zod';
import { endWith, InvalidInput, PROCESS_STEPS } from '#core';
import type { CallRecord, Claim, Clock, Payload, ProcessOutcome, ProcessStore, SpecStore } from '#core';
import type { StoredResponse, TraceContext, Tracer } from '#core';

const payloadSchema = z.union([
  z.strictObject({ base64: z.string() }),
  z.strictObject({ blob: z.string(), bytes: z.int().min(0) }),
]);
const responseSchema = z.strictObject({
  status: z.int().min(100).max(999),
  headers: z.array(z.tuple([z.string(), z.string()])),
  cache: z.enum(['HIT', 'MISS']),
  body: payloadSchema,
});
const driftSchema = z.strictObject({
  specTraceId: z.string(),
  method: z.string(),
  path: z.string(),
  faults: z.array(
    z.strictObject({
      place: z.enum(['status', 'media_type', 'header', 'body']),
      pointer: z.string().optional(),
      expected: z.string(),
      got: z.string(),
    }),
  ),
});
const callsSchema = z.array(
  z.strictObject({
    number: z.int(),
    startedAt: z.number(),
    endedAt: z.number(),
    worker: z.string(),
    error: z.string().optional(),
    response: z
      .strictObject({ status: z.int(), headers: z.array(z.tuple([z.string(), z.string()])), bytes: z.int() })
      .optional(),
  }),
);
const common = {
  attempt: z.int(),
  calls: callsSchema.optional(),
  specVersion: z.int().optional(),
  drift: driftSchema.optional(),
};
const outcomeSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('SUCCESS'), ...common, response: responseSchema }),
  z.strictObject({
    status: z.literal('ERROR'),
    ...common,
    error: z.string(),
    response: responseSchema.optional(),
    isDead: z.boolean().optional(),
  }),
]);

/** SCHEDULER_PROCESS_RESPONSE: stores how an execution ended and what the service answered. */
export class CompleteProcess {
  constructor(
    private readonly specs: SpecStore,
    private readonly processes: ProcessStore,
    private readonly clock: Clock,
    private readonly tracer?: Tracer,
  ) {}

  /**
   * Ends the process, unless another attempt has begun or it has ended already: then nothing changes, but that one
   * which was cancelled meanwhile keeps the record of its calls.
   * @param traceContext where in a distributed trace it stands
   * @returns whether this call ended it.
   */
  async execute(claim: Claim, outcome: ProcessOutcome, traceContext?: TraceContext): Promise<boolean> {
    if (!this.tracer || !traceContext) return this.complete(claim, outcome);
    const { traceId, attempt } = claim;
    const span = this.tracer.start('complete process', {
      kind: 'internal',
      parent: traceContext,
      attributes: { 'callboard.trace_id': traceId, 'callboard.attempt': attempt, 'callboard.status': outcome.status },
    });
    return endWith(span, this.complete(claim, outcome));
  }

  private async complete(claim: Claim, outcome: ProcessOutcome): Promise<boolean> {
    const steps: string[] = [PROCESS_STEPS.received, PROCESS_STEPS.claimed];
    if (outcome.status === 'SUCCESS') steps.push(PROCESS_STEPS.executed);
    const now = this.clock.now();
    const ended = await this.processes.complete(claim, outcome, steps, now);
    const { drift, specVersion: version, calls } = outcome;
    if (!ended && calls) await this.processes.noteCalls(claim, calls);
    // After it, so that none is counted twice; one is not counted if the process dies between the two.
    if (ended && drift && version !== undefined) {
      const { specTraceId, method, path } = drift;
      await this.specs.countDrift(specTraceId, { version, method, path, lastAt: now });
    }
    return ended;
  }
}

/** An outcome as the `data` of its message: where a message becomes text, bodies in base64 or as a reference to their blob. */
export class OutcomeData {
  constructor(
    readonly attempt: number,
    readonly outcome: ProcessOutcome,
  ) {}

  toJSON(): z.input<typeof outcomeSchema> {
    const { attempt, outcome } = this;
    const { specVersion, drift, calls } = outcome;
    const common = {
      ...{ attempt, specVersion, calls: calls?.map(encodeCall) },
      drift: drift && { ...drift, faults: [...drift.faults] },
    };
    if (outcome.status === 'SUCCESS') {
      return { status: 'SUCCESS', ...common, response: encodeResponse(outcome.response) };
    }
    const response = outcome.response && encodeResponse(outcome.response);
    return { status: 'ERROR', ...common, error: outcome.error, response, isDead: outcome.isDead };
  }
}

/**
 * Reads the `data` of a message back, which is what it was where the message has not left this process.
 * @throws InvalidInput when it is not an outcome: a dead letter.
 */
export function decodeOutcome(data: unknown): { attempt: number; outcome: ProcessOutcome } {
  if (data instanceof OutcomeData) return data;
  const parsed = outcomeSchema.safeParse(data);
  if (!parsed.success) throw malformed(parsed.error);
  const { attempt, ...outcome } = parsed.data;
  if (outcome.status === 'SUCCESS') {
    return { attempt, outcome: { ...outcome, response: decodeResponse(outcome.response) } };
  }
  const response = outcome.response && decodeResponse(outcome.response);
  return { attempt, outcome: { ...outcome, response } };
}

function malformed({ issues: [issue] }: z.ZodError): InvalidInput {
  const place = ['data', ...(issue?.path ?? [])].join('.');
  return new InvalidInput(
    'OUTCOME_MALFORMED',
    `Expected ${place} of a response message to be right: ${issue?.message ?? ''}.`,
  );
}

function encodeCall({ response, ...call }: CallRecord): z.input<typeof callsSchema>[number] {
  return response ? { ...call, response: { ...response, headers: pairsOf(response.headers) } } : call;
}

function pairsOf(headers: StoredResponse['headers']): [string, string][] {
  return headers.map(([name, value]) => [name, value]);
}

function encodeResponse(response: StoredResponse): z.input<typeof responseSchema> {
  return {
    status: response.status,
    headers: pairsOf(response.headers),
    cache: response.cache,
    body: encodePayload(response.body),
  };
}

function decodeResponse(response: z.output<typeof responseSchema>): StoredResponse {
  return { ...response, body: decodePayload(response.body) };
}

function encodePayload(payload: Payload): z.input<typeof payloadSchema> {
  return 'inline' in payload
    ? { base64: payload.inline.toString('base64') }
    : { blob: payload.blob, bytes: payload.bytes };
}

function decodePayload(payload: z.output<typeof payloadSchema>): Payload {
  if ('blob' in payload) return payload;
  const inline = Buffer.from(payload.base64, 'base64');
  return { inline, bytes: inline.length };
}
