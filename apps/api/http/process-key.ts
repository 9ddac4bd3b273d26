import { plainText } from './plain-text.js';

/** Whose call it is. Databases keep keys as text, so half of a surrogate pair is none. */
export const processKeySchema = plainText(200).refine((key) => !/\p{Cs}/u.test(key), { error: 'well-formed text' });
