import { z } from 'zod';

/** Text of one line: what people read, compare and paste has no control characters (Unicode category Cc). */
export function plainText(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !/\p{Cc}/u.test(text), { error: 'text without control characters' });
}
