import { formatTimestamp, SPEC_MESSAGES } from '#core';
import type { ClientSummary, Principal, Spec } from '#core';
import type { z } from 'zod';
import type { HeaderView } from '../http/header-view.js';
import { retryView } from '../http/retry.js';
import type { SpecBody, specStatusSchema } from './spec.schemas.js';

/** A Spec's status as the REST contract writes it. */
export function specStatusView(spec: Spec): z.input<typeof specStatusSchema> {
  return {
    status: spec.status,
    message: SPEC_MESSAGES[spec.status],
    ...(spec.error === undefined ? {} : { error: spec.error }),
    step: [...spec.steps],
    // The contract's answers are word for word; nobody asks which of one.
    ...(spec.version === 1 ? {} : { version: spec.version }),
    ...(spec.version === 1 || spec.servingVersion === null ? {} : { serving_version: spec.servingVersion }),
  };
}

/** What was asked for beyond the plain fields; undefined for what was not. */
export interface SpecExtras {
  readonly client?: ClientSummary | null | undefined;
  /** The document in base64. */
  readonly document?: string | undefined;
}

/** A Spec as the REST contract writes it for who asks; optional fields appear only when they were set or asked for. */
export function specView(spec: Spec, extras: SpecExtras, caller: Principal, view: HeaderView): SpecBody {
  return {
    trace_id: spec.traceId,
    created_at: formatTimestamp(spec.createdAt),
    updated_at: formatTimestamp(spec.updatedAt),
    name: spec.name,
    status: specStatusView(spec),
    ...(extras.client === undefined ? {} : { client: extras.client as SpecBody['client'] }),
    ...(extras.document === undefined ? {} : { spec: extras.document }),
    headers: view.values(caller, spec.headers),
    ...(spec.url === undefined ? {} : { url: view.address(caller, spec.url) }),
    ...(spec.retry ? { retry: retryView(spec.retry) } : {}),
    ...(spec.limits ? { limits: { ...spec.limits } } : {}),
    ...(spec.paused ? { paused: true as const } : {}),
    ...(spec.pausedKeys ? { paused_keys: [...spec.pausedKeys] } : {}),
    ...(spec.serverVariables === undefined ? {} : { server_variables: { ...spec.serverVariables } }),
  };
}
