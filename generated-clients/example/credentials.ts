/** What each security scheme of the document takes. Changes are overwritten. */
import type { ApiKeyCredential } from './runtime/runtime.js';

export interface credentials {
  readonly rapidApiKey?: ApiKeyCredential | undefined;
}
