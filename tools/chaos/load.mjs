import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { answerOf, bodyOf } from './answers.mjs';

const ENDED = new Set(['SUCCESS', 'ERROR', 'CANCELLED']);
/** How many statuses are asked for at once. */
const SIDE_BY_SIDE = 16;
/** How many calls wait to be accepted at once. */
const UNDER_WAY = 32;
const LOOK_EVERY_MS = 250;

/**
 * @typedef {object} Call
 * @property {string} id the upstream knows it by this
 * @property {'GET' | 'POST'} method
 * @property {string} traceId
 * @property {{status: string, error?: string} | null} [end] how it ended; null when the API knows of none
 */

/** Calls that are handed in at a steady pace, whatever happens meanwhile. */
export class Load {
  /** @type {Call[]} those that were accepted */
  accepted = [];

  constructor(client, { rate, postShare, signal }) {
    Object.assign(this, { client, rate, postShare, signal });
  }

  /** Hands in so many calls; resolves when all of them are accepted. */
  async submit(count) {
    const begun = performance.now();
    const underWay = new Set();
    for (let index = 0; index < count; index += 1) {
      const early = begun + (index * 1_000) / this.rate - performance.now();
      if (early > 0) await pause(early);
      // All of the client's connections wait for an answer.
      while (underWay.size >= UNDER_WAY) await Promise.race(underWay);
      // Spread evenly: every fifth where a fifth is asked for.
      const isPost = Math.floor((index + 1) * this.postShare) > Math.floor(index * this.postShare);
      const task = this.handIn(isPost ? 'POST' : 'GET').finally(() => underWay.delete(task));
      // Told by whoever waits for all of them.
      task.catch(() => undefined);
      underWay.add(task);
    }
    await Promise.all(underWay);
  }

  async handIn(method) {
    const id = randomUUID();
    const traceId = await this.client.accept(method, id);
    this.accepted.push({ id, method, traceId });
  }

  /** Resolves when so many have been accepted. */
  async hasAccepted(count) {
    while (this.accepted.length < count) {
      this.signal.throwIfAborted();
      await pause(10);
    }
  }

  /** Waits until all of these have ended, or the time is over. @returns {Promise<Call[]>} those that have not */
  async untilEnded(calls, deadlineMs) {
    const end = performance.now() + deadlineMs;
    let open = calls.filter((call) => call.end === undefined);
    for (;;) {
      await inTurns(open, (call) => this.look(call));
      open = open.filter((call) => call.end === undefined);
      if (open.length === 0 || performance.now() > end) return open;
      this.signal.throwIfAborted();
      await pause(LOOK_EVERY_MS);
    }
  }

  async look(call) {
    const status = await this.client.status(call.traceId);
    if (status === null) call.end = null;
    else if (ENDED.has(status.status)) call.end = status;
  }

  /**
   * Judges accepted calls, after they had their time to end.
   * @param {Map<string, {requests: number, acted: number}>} asked what the upstream has counted
   */
  async judge(calls, asked) {
    const verdict = {
      accepted: calls.length,
      success: 0,
      unknown: 0,
      failed: 0,
      lost: 0,
      stuck: 0,
      twice: 0,
      wrong: 0,
    };
    const examples = [];
    await inTurns(calls, async (call) => {
      const seen = asked.get(`${call.method} ${call.id}`) ?? { requests: 0, acted: 0 };
      const words = await this.verdictOn(call, seen);
      for (const word of words) verdict[word] += 1;
      if (words.some((word) => !['success', 'unknown'].includes(word))) {
        examples.push({ words, ...call, seen });
      }
    });
    return { ...verdict, examples };
  }

  async verdictOn(call, { acted }) {
    const { method, id, end } = call;
    const words = [];
    if (method === 'POST' && acted > 1) words.push('twice');
    if (end === undefined) return [...words, 'stuck'];
    if (end === null) return [...words, 'lost'];
    if (end.status === 'SUCCESS') {
      words.push('success');
      if (acted === 0) words.push('lost');
      const { status, bytes } = await this.client.response(call.traceId);
      if (status !== 200 || bytes.toString() !== answerOf(method, id, bodyOf(method, id))) words.push('wrong');
      return words;
    }
    const isUnknown = method === 'POST' && end.error?.includes('outcome unknown');
    return [...words, isUnknown ? 'unknown' : 'failed'];
  }
}

async function inTurns(items, visit) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      next += 1;
      await visit(items[next - 1]);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
}
