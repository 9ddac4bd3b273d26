import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { answerOf, bodyOf } from './answers.mjs';

const ENDED = new Set(['SUCCESS', 'ERROR', 'CANCELLED']);
/** How many statuses are asked for at once. */
const SIDE_BY_SIDE = 16;
/** How many calls wait to be accepted at once. */
const UNDER_WAY = 32;
const LOOK_EVERY_MS = 500;

/**
 * @typedef {object} Call
 * @property {string} id the upstream knows it by this
 * @property {'GET' | 'POST'} method
 * @property {string} traceId
 * @property {{status: string, error?: string} | null} [end] how it ended; null when the API knows of none
 * @property {'success' | 'unknown' | 'failed' | 'lost' | 'wrong'} [verdict] what that is worth
 */

/** Calls that are handed in at a steady pace, whatever happens meanwhile. */
export class Load {
  /** @type {Call[]} those that were accepted */
  accepted = [];
  judged = 0;
  isEnough = false;

  /**
   * @param {object} options
   * @param {number} options.rate calls a second
   * @param {number} [options.openMost] so many may be accepted and not have ended; those beyond wait
   * @param {number} options.postShare how many of them are POST, from 0 to 1
   * @param {AbortSignal} options.signal ends it
   * @param {(error: Error) => void} options.fail told when it cannot look any more
   * @param {(traceIds: string[]) => Promise<void>} [options.forget] given what has been judged
   */
  constructor(client, { rate, openMost = Infinity, postShare, signal, fail, forget }) {
    Object.assign(this, { client, rate, openMost, postShare, signal, fail, forget });
  }

  /** Hands in so many calls, or fewer when it is told that it is enough; resolves when all of them are accepted. */
  async submit(count) {
    const begun = performance.now();
    const underWay = new Set();
    for (let index = 0; index < count && !this.isEnough; index += 1) {
      const early = begun + (index * 1_000) / this.rate - performance.now();
      if (early > 0) await pause(early);
      // All of the client's connections wait for an answer.
      while (underWay.size >= UNDER_WAY) await Promise.race(underWay);
      while (this.open + underWay.size >= this.openMost) await this.pause(20);
      // Spread evenly: every fifth where a fifth is asked for.
      const isPost = Math.floor((index + 1) * this.postShare) > Math.floor(index * this.postShare);
      const task = this.handIn(isPost ? 'POST' : 'GET').finally(() => underWay.delete(task));
      // Told by whoever waits for all of them.
      task.catch(() => undefined);
      underWay.add(task);
    }
    await Promise.all(underWay);
  }

  /** Hands in no more. */
  enough() {
    this.isEnough = true;
  }

  async handIn(method) {
    const id = randomUUID();
    const traceId = await this.client.accept(method, id);
    this.accepted.push({ id, method, traceId });
  }

  /** Resolves when so many have been accepted. */
  async hasAccepted(count) {
    while (this.accepted.length < count) {
      await this.pause(10);
    }
  }

  /** How many are accepted and not known to have ended. */
  get open() {
    return this.accepted.length - this.judged;
  }

  async pause(ms) {
    this.signal.throwIfAborted();
    await pause(ms);
  }

  /** Looks every now and then for accepted calls that have ended, until it is stopped. @returns what stops it */
  watch() {
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        await pause(LOOK_EVERY_MS);
        await this.look();
      }
    })();
    // Told where it is stopped.
    watching.catch(this.fail);
    return async () => {
      isOver = true;
      await watching;
    };
  }

  /** Looks once; the answers of what has ended are compared, and then no longer wanted. */
  async look() {
    const open = this.accepted.filter((call) => !call.verdict);
    await inTurns(open, async (call) => {
      const status = await this.client.status(call.traceId);
      if (status !== null && !ENDED.has(status.status)) return;
      call.end = status;
      call.verdict = await this.verdictOn(call);
      this.judged += 1;
    });
    const ended = open.filter((call) => call.verdict);
    if (ended.length > 0) await this.forget?.(ended.map((call) => call.traceId));
  }

  /** Waits until all of these have ended, or the time is over. */
  async untilEnded(calls, deadlineMs) {
    const end = performance.now() + deadlineMs;
    while (calls.some((call) => !call.verdict) && performance.now() < end) {
      await this.pause(50);
    }
  }

  async verdictOn({ method, id, traceId, end }) {
    if (end === null) return 'lost';
    if (end.status !== 'SUCCESS') {
      return method === 'POST' && end.error?.includes('outcome unknown') ? 'unknown' : 'failed';
    }
    const { status, bytes } = await this.client.response(traceId);
    return status === 200 && bytes.toString() === answerOf(method, id, bodyOf(method, id)) ? 'success' : 'wrong';
  }

  /**
   * Counts what became of the accepted calls, after they had their time to end.
   * @param {Map<string, {requests: number, acted: number}>} asked what the upstream has counted
   */
  tally(asked) {
    const counts = { accepted: 0, success: 0, unknown: 0, failed: 0, lost: 0, stuck: 0, twice: 0, wrong: 0 };
    const examples = [];
    for (const call of this.accepted) {
      const { acted } = asked.get(`${call.method} ${call.id}`) ?? { acted: 0 };
      const words = [call.verdict ?? 'stuck'];
      if (call.verdict === 'success' && acted === 0) words.push('lost');
      if (call.method === 'POST' && acted > 1) words.push('twice');
      for (const word of words) counts[word] += 1;
      counts.accepted += 1;
      if (words.length > 1 || !['success', 'unknown'].includes(words[0])) examples.push({ words, acted, ...call });
    }
    return { counts, examples };
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
