import { mayLoseDigits, rawMembers } from '../http/raw-json.js';

type Parameters = Readonly<Record<string, unknown>>;

/** What a request gave, as it was written where a double may not hold its numbers. */
export interface ExactInput {
  /** The body as JSON text; absent where reading it loses nothing. */
  readonly reqBodyJson?: string | undefined;
  /** Parameters with such numbers as text, which is how they travel. */
  parameters(field: string, read: Parameters | null | undefined): Parameters | null | undefined;
}

/** @param text the JSON that was sent; undefined where reading it loses nothing. */
export function exactInput(text: string | undefined): ExactInput {
  const fields = text === undefined ? new Map<string, string>() : rawMembers(text);
  const reqBody = fields.get('req_body');
  return {
    reqBodyJson: reqBody !== undefined && mayLoseDigits(reqBody) ? reqBody : undefined,
    parameters: (field, read) => exactParameters(fields.get(field), read),
  };
}

function exactParameters(text: string | undefined, read: Parameters | null | undefined): Parameters | null | undefined {
  if (text === undefined || !read || !mayLoseDigits(text)) return read;
  const written = rawMembers(text);
  return Object.fromEntries(
    Object.entries(read).map(([name, value]) => {
      const number = written.get(name);
      return [name, typeof value === 'number' && number !== undefined && mayLoseDigits(number) ? number : value];
    }),
  );
}
