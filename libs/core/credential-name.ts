/** What stands in place of a secret. */
export const MASK = 'xxxx';

const TELLTALE =
  /passw|passphrase|passcode|accesscode|authcode|secret|token|authorization|credential|cookie|apikey|accesskey|privatekey/;
/** Telltale only as a whole word of the name: `x-auth`, `sessionId`; not `author`. */
const WORDS = new Set('auth bearer cvc cvv jwt otp pass pwd session sid sig signature'.split(' '));
/** Telltale at the end of the name: `key`, `custkey`, `appKeys`, `pin`, `custpin`. */
const ENDING = /(?:key|pin)s?$/;
/** Words of the language that end so. */
const PLAIN_ENDINGS = new Set('donkey hockey jockey monkey turkey whiskey hairpin pushpin spin'.split(' '));
/** A random number of one HTTP client against caches, no secret; the contract's sample of a record shows it. */
const HARMLESS = new Set(['postman-token']);

const MEMO_NAMES = 2000;
const MEMO_NAME_LENGTH = 64;
const memo = new Map<string, boolean>();

/**
 * Whether a header, field or parameter of this name is likely to hold a secret: `Authorization`, `x-api-key`,
 * `client_secret`, `accessToken`, `Set-Cookie`, `key`, `custkey`, `pin`. In doubt yes, since a value masked in vain costs little.
 */
export function isCredentialName(name: string): boolean {
  const known = memo.get(name);
  if (known !== undefined) return known;
  const answer = judge(name);
  if (name.length <= MEMO_NAME_LENGTH) {
    // Names are a caller's: forget them all rather than grow.
    if (memo.size >= MEMO_NAMES) memo.clear();
    memo.set(name, answer);
  }
  return answer;
}

/** What a call is made with, and documents: any of it may be a secret, under a name that only the API called knows. */
const CONTENTS = new Set('headers query_params url_params cookie_params req_body server_variables spec'.split(' '));

/**
 * Whether a field of this name holds the contents of a call: its headers, parameters or body, or a document. A document may declare any
 * of them as an API key, and what is sent is the caller's own.
 */
export function isContentsName(name: string): boolean {
  return name.length <= 16 && CONTENTS.has(name.toLowerCase());
}

function judge(name: string): boolean {
  const plain = name.includes('%') ? percentDecoded(name) : name;
  if (HARMLESS.has(plain.toLowerCase())) return false;
  const words = plain
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1-')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1) ?? '';
  return (
    TELLTALE.test(words.join('')) ||
    words.some((word) => WORDS.has(word)) ||
    (ENDING.test(last) && !PLAIN_ENDINGS.has(last.replace(/s$/, '')))
  );
}

function percentDecoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
