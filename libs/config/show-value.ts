import type { Value, Variable } from './variable.js';

const HIDDEN = '***';

/** A value as people may see it: without secrets; undefined when it is unset. */
export function showValue(variable: Variable<unknown>, value: Value | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (variable.secret === 'value') return HIDDEN;
  const shown = typeof value === 'object' ? value.join(',') : String(value);
  return variable.secret === 'address' ? hideInAddress(shown) : shown;
}

/**
 * An address without its secrets: `amqp://user:***@host`. Everything up to the last `@` counts as user and password,
 * since a password that was not percent-encoded may hold any character.
 */
function hideInAddress(address: string): string {
  return address
    .replace(/^([^:]+:\/\/)([^]*)@/, (_, scheme: string, user: string) => {
      const colon = user.indexOf(':');
      return `${scheme}${colon < 0 ? '' : user.slice(0, colon + 1)}${HIDDEN}@`;
    })
    .replace(/([?&][^=&#]*(?:pass|secret|token|key|properties)[^=&#]*=)[^&#]*/gi, `$1${HIDDEN}`);
}
