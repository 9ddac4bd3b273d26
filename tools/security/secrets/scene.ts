import type { Deployment } from '../../../test/e2e/deployment.js';
import type { Asking } from './asking.js';
import type { Kind, Marks } from './marks.js';
import type { LeakyService } from './service.js';

/** An installation, its service, somebody who asks, and the secrets that are given to them. */
export interface Scene {
  readonly deployment: Deployment;
  readonly service: LeakyService;
  readonly asking: Asking;
  readonly marks: Marks;
  /** The bearer token of health and metrics. */
  readonly metricsToken: string;
  /** Another user, who comes from the file of users. */
  readonly other: { readonly name: string; readonly password: string };
  /** Whether SDKs can be made. */
  readonly hasGenerator: boolean;
  /** The kinds of header values that are shown to those who may change them: none where they are masked. */
  readonly headers: readonly Kind[];
}

/** What a Spec or a process itself shows to whoever may change it. */
export function fieldsOf({ headers }: Scene, ...more: readonly Kind[]): readonly Kind[] {
  return [...headers, 'parameter', 'field of ours', ...more];
}

/** What a service may answer with: all that it was sent. */
export const ECHO: readonly Kind[] = [
  ...(['header', 'parameter', 'body', 'document', 'credential', 'upload', 'answer'] as const),
];
