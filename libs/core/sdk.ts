import type { Payload } from './payload.js';

/** A client in some language that OpenAPI Generator makes of one version of a Spec, because somebody asked for it. */
export interface Sdk {
  /** Primary key. */
  readonly traceId: string;
  readonly project: string;
  readonly specTraceId: string;
  /** The Spec's version that it is made of. */
  readonly version: number;
  /** OpenAPI Generator's name for the kind, e.g. `go` or `typescript-fetch`. */
  readonly generator: string;
  readonly status: SdkStatus;
  /** One sentence, only with status ERROR. */
  readonly error?: string | undefined;
  /** The SDK as a zip, only with status SUCCESS. */
  readonly archive?: Payload | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Rises with each claim and each time it is asked for anew; fences the writes of a late worker. */
  readonly attempt: number;
}

export const SDK_STATUSES = ['WAITING', 'IN_PROGRESS', 'SUCCESS', 'ERROR'] as const;
export type SdkStatus = (typeof SDK_STATUSES)[number];

/** The sentence of each status, as the REST contract has it. */
export const SDK_MESSAGES: Readonly<Record<SdkStatus, string>> = {
  WAITING: 'The SDK has been asked for and it is now waiting to be made.',
  IN_PROGRESS: 'The SDK is being made.',
  SUCCESS: 'The SDK is ready to be downloaded.',
  ERROR: 'The SDK could not be made.',
};
