import { answers } from './answers.js';
import { documents } from './documents.js';
import { headers } from './headers.js';
import { messages } from './messages.js';
import { addresses, requests } from './requests.js';
import type { Target } from './target.js';

/** All readers that are fuzzed. */
export const TARGETS: readonly Target[] = [documents, headers, requests, addresses, messages, answers];
