import { InvalidInput } from '#core';
import { mayLoseDigits, rawMembers, repeatsName } from '../http/raw-json.js';

type Parameters = Readonly<Record<string, unknown>>;

/** What a request gave, as it was written where a double may not hold its numbers. */
export interface ExactInput {
  /** The body as JSON text; absent where reading it loses nothing. */
  readonly reqBodyJson?: string | undefined;
  /** Parameters with such numbers as text, which is how they travel. */
  parameters(field: string, read: Parameters | null | undefined): Parameters | null | undefined;
}

/**
 * @param text the JSON that was sent; undefined where reading it loses nothing.
 * @throws InvalidInput for a body that would be sent as it is written and can be read in two ways.
 */
export function exactInput(text: string | undefined): ExactInput {
  const fields = text === undefined ? new Map<string, string>() : rawMembers(text);
  const reqBody = fields.get('req_body');
  const isExact = reqBody !== undefined && mayLoseDigits(reqBody);
  // What was judged is the last of each name, and the service may take the first.
  if (isExact && repeatsName(reqBody)) throw ambiguous();
  return {
    reqBodyJson: isExact ? reqBody : undefined,
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

function ambiguous(): InvalidInput {
  const sentence =
    'Expected req_body, whose long numbers are sent as they are written, to have each name once, got one twice.';
  return new InvalidInput('BODY_AMBIGUOUS', sentence);
}
