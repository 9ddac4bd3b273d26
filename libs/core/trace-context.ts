/**
 * Where a piece of work stands in a distributed trace, as the headers of W3C Trace Context write it:
 * https://www.w3.org/TR/trace-context-2/
 */
export interface TraceContext {
  /** Of version 00, with the flags that this version knows. */
  readonly traceparent: string;
  /** What tracing systems add for themselves; at most 512 characters. */
  readonly tracestate?: string | undefined;
}

/** Version, trace id, parent id, flags, and what a version after 00 may add. */
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const ALL_ZEROS = /^0+$/;
/** Sampled, and random trace id: all that version 00 knows. Others are cleared, as the standard asks. */
const KNOWN_FLAGS = 0b11;

/** A key of level 1 or 2, and a value that does not end in a space. */
const TRACESTATE_MEMBER =
  /^([a-z\d][a-z\d_\-*/@]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MEMBERS_MAX = 32;
const TRACESTATE_MAX = 512;
/** Members longer than this go first where there is too much. */
const LONG_MEMBER = 128;

/**
 * The trace that a request belongs to, by its headers; several headers of one name are given joined by commas. A
 * traceparent of a later version is read as far as version 00 knows it.
 * @returns undefined where there is no traceparent, or none that is right: then there is no trace. A tracestate that is
 *   not right is left out.
 */
export function readTraceContext(
  traceparent: string | readonly string[] | undefined,
  tracestate?: string | readonly string[],
): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, version, traceId = '', parentId = '', flags = '', rest] = TRACEPARENT.exec(traceparent.trim()) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ALL_ZEROS.test(traceId) || ALL_ZEROS.test(parentId)) return undefined;
  const known = (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16).padStart(2, '0');
  const state = tracestate === undefined ? undefined : readTracestate([tracestate].flat().join(','));
  const context = { traceparent: `00-${traceId}-${parentId}-${known}` };
  return state === undefined ? context : { ...context, tracestate: state };
}

/** https://www.w3.org/TR/trace-context-2/#tracestate-header */
function readTracestate(header: string): string | undefined {
  const members = header
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => TRACESTATE_MEMBER.exec(member)?.[1]));
  if (members.length > MEMBERS_MAX || keys.has(undefined) || keys.size < members.length) return undefined;
  while (lengthOf(members) > TRACESTATE_MAX) {
    const long = members.findLastIndex((member) => member.length > LONG_MEMBER);
    // Without a long one it is -1: the last.
    members.splice(long, 1);
  }
  return members.length === 0 ? undefined : members.join(',');
}

function lengthOf(members: readonly string[]): number {
  return members.reduce((sum, member) => sum + member.length + 1, -1);
}
