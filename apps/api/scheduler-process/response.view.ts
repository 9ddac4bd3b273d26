import { isUtf8 } from 'node:buffer';
import type { StoredResponse } from '#core';

/** An answer of 400 or more inside the error: JSON as JSON, text as text, anything else in base64. */
export function failedResponseView(response: StoredResponse, body: Buffer): Record<string, unknown> {
  return { status: response.status, headers: headersView(response), body: bodyView(body, contentType(response)) };
}

/** Each name once, in its first spelling; a list where the service repeated it. */
function headersView(response: StoredResponse): Record<string, string | string[]> {
  const byName = new Map<string, [name: string, value: string | string[]]>();
  for (const [name, value] of response.headers) {
    const known = byName.get(name.toLowerCase());
    if (known) known[1] = [known[1], value].flat();
    else byName.set(name.toLowerCase(), [name, value]);
  }
  return Object.fromEntries(byName.values());
}

/** The media type that the service gave, or undefined. */
export function contentType(response: StoredResponse): string | undefined {
  return headerOf(response, 'content-type');
}

/** The first value of a header, by its name in lower case. */
export function headerOf(response: StoredResponse, wanted: string): string | undefined {
  return response.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function bodyView(body: Buffer, type: string | undefined): unknown {
  const text = textOf(body, /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type ?? '')?.[1]);
  if (text === null) return { base64: body.toString('base64') };
  if (type !== undefined && /^[^;]*[/+]json\b/i.test(type)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // The service calls it JSON, but it is not: then it is shown as the text that it is.
      return text;
    }
  }
  return text;
}

/** The bytes as text, if that is what they are: in UTF-8, or in the charset that the service names. */
function textOf(body: Buffer, charset: string | undefined): string | null {
  if (isUtf8(body)) return body.toString();
  if (charset === undefined) return null;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    // No charset that anybody knows, or not in it: then they stay bytes.
    return null;
  }
}
