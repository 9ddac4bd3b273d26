import { z } from 'zod';
import { describeName } from '#core';
import { isOfConnection } from '#client-runtime';

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 section 5.5: visible characters, spaces and tabs, and the bytes above ASCII. */
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const FIELD_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f\u0100-\uffff]*$/;
const NAME = "those of headers (letters, digits and !#$%&'*+-.^_`|~)";
const VALUE = 'a header value: no line breaks, control characters or characters above U+00FF';

const headerName = z.string().refine((name) => TOKEN.test(name), { error: NAME });

/** A text that may stand in a header. */
export const headerText = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((text) => FIELD_VALUE.test(text), { error: VALUE });

/** An object of header names and values: legal ones that a caller may set, and no name twice in two spellings. */
export const headerMap = z.record(headerName, z.string()).superRefine(checkHeaders);

/** The same with values of any type, which go out as the operation declares them; null is none. */
export const headerParameters = z.record(headerName, z.unknown()).superRefine(checkHeaders);

function checkHeaders(headers: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const fault = faultOf(name, value, seen.get(name.toLowerCase()));
    if (fault !== null) context.addIssue({ code: 'custom', message: fault, path: [name], input: value });
    seen.set(name.toLowerCase(), name);
  }
}

function faultOf(name: string, value: unknown, other: string | undefined): string | null {
  if (isOfConnection(name) && value !== null) return 'absent: the connection itself makes this header';
  // What is deeper down may be JSON by the document, which has escapes; it is checked as the header is written.
  if (typeof value === 'string' && !FIELD_VALUE.test(value)) return VALUE;
  return other === undefined
    ? null
    : `given once: it is there as ${describeName(other)} too, and header names have no case`;
}
