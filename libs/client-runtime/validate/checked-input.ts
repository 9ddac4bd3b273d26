import type { RequestInput } from '../input.js';

/** What is checked of a call's input; credentials only by their being there. */
export type CheckedInput = Pick<
  RequestInput,
  'urlParams' | 'queryParams' | 'headers' | 'cookieParams' | 'body' | 'contentType'
> & { readonly credentials?: Readonly<Record<string, unknown>> | null | undefined };

export interface ValidateOptions {
  /** Told what could not be checked within bounds of time, or at all, and was taken to be right. */
  readonly onUnchecked?: ((pointer: string) => void) | undefined;
}
