import { Clock } from '#core';
import type { Operation, OperationTable, Response } from '#core';
import type { CallOptions } from './http/http-caller.js';
import { HttpCaller } from './http/http-caller.js';
import type { PlanInput } from './oauth/plan-tokens.js';
import { planTokens } from './oauth/plan-tokens.js';
import { TokenSource } from './oauth/token-source.js';
import { buildRequest } from './request.js';

/** The calls of one program to one service: their connections, and their tokens. */
export class ServiceCalls {
  private readonly caller = new HttpCaller();
  private readonly tokens = new TokenSource(this.caller, new SystemTime());

  constructor(readonly table: OperationTable) {}

  /**
   * Builds the request of a call and sends it. A token that is refused is fetched anew, once.
   * @throws Permanent when the request cannot be built; CallFailed when no whole answer comes.
   */
  async call(operation: Operation, input: PlanInput, options: CallOptions): Promise<Response> {
    const plan = planTokens(this.table, operation, input);
    const attempt = async () => {
      const credentials = await this.tokens.ready(plan, options);
      const request = buildRequest(this.table, operation, { ...input, credentials });
      return { credentials, response: await this.caller.call(request, options) };
    };
    const { credentials, response } = await attempt();
    if (response.status !== 401 || plan.wanted.length === 0) return response;
    this.tokens.refused(plan, credentials);
    return (await attempt()).response;
  }

  close(): Promise<void> {
    return this.caller.close();
  }
}

/** A generated client lives on a machine of its own. */
class SystemTime extends Clock {
  now(): number {
    // eslint-disable-next-line no-restricted-syntax -- no test waits for a client's tokens to become old
    return Date.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake);
    });
  }
}
