import { isUtf8 } from 'node:buffer';
import type { StoredResponse } from '#core';

/** An answer of 400 or more inside the error: JSON as JSON, text as text, anything else in base64. */
export function failedResponseView(response: StoredResponse, body: Buffer): Record<string, unknown> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) {
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return { status: response.status, headers, body: bodyView(body, contentType(response)) };
}

/** The media type that the service gave, or undefined. */
export function contentType(response: StoredResponse): string | undefined {
  return response.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
}

function bodyView(body: Buffer, type: string | undefined): unknown {
  if (!isUtf8(body)) return { base64: body.toString('base64') };
  const text = body.toString();
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
