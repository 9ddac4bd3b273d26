import { Unprocessable } from '#core';
import type { Principal, SpecStore } from '#core';
import type { CheckProcess } from './check-process.js';
import type { ScheduleProcess, ScheduleProcessInput } from './schedule-process.js';
import { SpecsByName } from './specs-by-name.js';

/** POST /v1/api/scheduler/process/batch: keeps many calls, each for itself. */
export class ScheduleBatch {
  constructor(
    private readonly specs: SpecStore,
    private readonly check: CheckProcess,
    private readonly schedule: ScheduleProcess,
  ) {}

  /**
   * @param reading the calls in order; what is rejected stays so.
   * @param strict whether each is checked against its document first.
   * @returns in the same order the trace id of each, or why it was not kept. What has one is stored for good.
   */
  async execute(
    caller: Principal,
    reading: readonly Promise<ScheduleProcessInput>[],
    { strict }: { readonly strict: boolean },
  ): Promise<PromiseSettledResult<string>[]> {
    const specs = new SpecsByName(this.specs, caller);
    const checked = await Promise.allSettled(
      reading.map(async (read) => {
        const input = await read;
        if (strict) refuseFaulty(await this.check.execute(caller, input, specs));
        return input;
      }),
    );
    const good = checked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const kept = (await this.schedule.executeAll(good, specs)).values();
    return checked.flatMap((each) => (each.status === 'rejected' ? each : (kept.next().value ?? [])));
  }
}

/** @throws Unprocessable with the faults of a call, if it has any. */
export function refuseFaulty(faults: Awaited<ReturnType<CheckProcess['execute']>>): void {
  const [first, ...others] = faults;
  if (!first) return;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  const logged = `Expected a call that holds to its document, got one with ${count}, told to the caller alone.`;
  throw new Unprocessable('CALL_FAULTY', `${first.message}${more}`, faults, logged);
}
