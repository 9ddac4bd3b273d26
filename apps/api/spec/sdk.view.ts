import { formatTimestamp, SDK_MESSAGES } from '#core';
import type { Sdk } from '#core';
import type { SdkChoice } from '#scheduling';
import type { SdkBody, SdkListBody } from './sdk.schemas.js';

/** An SDK as the REST contract writes it; the trace id is its Spec's. */
export function sdkView(sdk: Sdk): SdkBody {
  return {
    trace_id: sdk.specTraceId,
    generator: sdk.generator,
    version: sdk.version,
    status: sdk.status,
    message: SDK_MESSAGES[sdk.status],
    ...(sdk.error === undefined ? {} : { error: sdk.error }),
    ...(sdk.archive === undefined ? {} : { bytes: sdk.archive.bytes }),
    created_at: formatTimestamp(sdk.createdAt),
    updated_at: formatTimestamp(sdk.updatedAt),
  };
}

export function sdkListView({ generators, missing, sdks }: SdkChoice): SdkListBody {
  return {
    generators: [...generators],
    ...(missing === undefined ? {} : { missing }),
    results: sdks.map(sdkView),
  };
}
