import { z } from 'zod';
import { InvalidInput, PROCESS_STEPS } from '#core';
import type { Claim, Clock, Payload, ProcessOutcome, ProcessStore, StoredResponse } from '#core';

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
const outcomeSchema = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('SUCCESS'), attempt: z.int(), response: responseSchema }),
  z.strictObject({
    status: z.literal('ERROR'),
    attempt: z.int(),
    error: z.string(),
    response: responseSchema.optional(),
  }),
]);

/** SCHEDULER_PROCESS_RESPONSE: stores how an execution ended and what the service answered. */
export class CompleteProcess {
  constructor(
    private readonly processes: ProcessStore,
    private readonly clock: Clock,
  ) {}

  /**
   * Ends the process, unless another attempt has begun or it has ended already: then nothing changes.
   * @returns whether this call ended it.
   */
  async execute(claim: Claim, outcome: ProcessOutcome): Promise<boolean> {
    const steps: string[] = [PROCESS_STEPS.received, PROCESS_STEPS.claimed];
    if (outcome.status === 'SUCCESS') steps.push(PROCESS_STEPS.executed);
    return this.processes.complete(claim, outcome, steps, this.clock.now());
  }
}

/** An outcome as the `data` of its message: bodies in base64, or as a reference to their blob. */
export function encodeOutcome(attempt: number, outcome: ProcessOutcome): z.input<typeof outcomeSchema> {
  if (outcome.status === 'SUCCESS') return { status: 'SUCCESS', attempt, response: encodeResponse(outcome.response) };
  const response = outcome.response && encodeResponse(outcome.response);
  return { status: 'ERROR', attempt, error: outcome.error, response };
}

/**
 * Reads the `data` of a message back.
 * @throws InvalidInput when it is not an outcome: a dead letter.
 */
export function decodeOutcome(data: unknown): { attempt: number; outcome: ProcessOutcome } {
  const parsed = outcomeSchema.safeParse(data);
  if (!parsed.success) throw malformed(parsed.error);
  const { attempt, ...outcome } = parsed.data;
  if (outcome.status === 'SUCCESS') {
    return { attempt, outcome: { status: 'SUCCESS', response: decodeResponse(outcome.response) } };
  }
  const response = outcome.response && decodeResponse(outcome.response);
  return { attempt, outcome: { status: 'ERROR', error: outcome.error, response } };
}

function malformed({ issues: [issue] }: z.ZodError): InvalidInput {
  const place = ['data', ...(issue?.path ?? [])].join('.');
  return new InvalidInput(
    'OUTCOME_MALFORMED',
    `Expected ${place} of a response message to be right: ${issue?.message ?? ''}.`,
  );
}

function encodeResponse(response: StoredResponse): z.input<typeof responseSchema> {
  const headers = response.headers.map(([name, value]): [string, string] => [name, value]);
  return { status: response.status, headers, cache: response.cache, body: encodePayload(response.body) };
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
