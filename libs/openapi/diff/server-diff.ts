import { sameJson, type Server } from '#core';
import { excerpt } from '../json.js';

/** What has changed of the servers; null when nothing has. Breaking when calls no longer know where to go. */
export function compareServers(
  from: readonly Server[],
  to: readonly Server[],
): { breaking: boolean; text: string } | null {
  if (sameJson(from, to)) return null;
  const [was] = from;
  const [is] = to;
  if (!is) return { breaking: true, text: 'no server is declared any more' };
  if (!was) return { breaking: false, text: `the server ${excerpt(is.url, 200)} is now declared` };
  if (was.url === is.url) return { breaking: false, text: 'the declared servers have changed, but for the first' };
  return { breaking: false, text: `calls now go to ${excerpt(is.url, 200)}, no longer to ${excerpt(was.url, 200)}` };
}
