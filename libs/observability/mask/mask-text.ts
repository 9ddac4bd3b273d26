import { isCredentialName, isContentsName, MASK } from '#core';

/** Without one of these there is nothing that the patterns below could find. */
const SUSPECT = /[:=<]|b(?:asic|earer)\s/i;
const USERINFO = /:\/\/[^\s/?#"'<>\\]*@/g;
const CUT_USERINFO = /:\/\/[^\s/?#"'<>\\]*$/;
const SCHEME = /\b(Basic|Bearer)\s+[\w+/=.~-]{6,}/gi;
const CUT_SCHEME = /\b(Basic|Bearer)\s+[\w+/=.~-]*$/i;
/** A name is taken whole, so that one without an end is looked at once and not from each of its characters. */
const ELEMENT = /<([\w.:-]+)(?![\w.:-])([^<>]*)>([^<]+)/g;
/** `name:`, `name=` and `"name":`, with quotes escaped any number of times. It only starts where a word starts. */
const NAME = /(?<![\w.$%-])([\w.$%-]+)\\*(["']?)\s*([:=])\s*/g;
/** A quoted value (escaped or not, with its end or without), or an object or array to the end of the text. */
const QUOTED =
  /(\\+)(["'])(?:[^]*?(?<!\\)\1\2|[^]*)|"(?:[^"\\]|\\[^])*(?:"|\\?$)|'(?:[^'\\]|\\[^])*(?:'|\\?$)|[[{][^]*/y;
/** After a quoted name, as in JSON. */
const BARE = /[^\s,}\]]*/y;
/** After `name=`, as in forms and queries. */
const PARAMETER = /[^\r\n&]*/y;
/** After `name:`, as in header lines. */
const LINE = /[^\r\n]*/y;

/**
 * Masks secrets in text of any kind by pattern: user and password in addresses, values after credential-like names
 * (JSON, forms, queries, headers, XML), the field `headers` of what looks like JSON, Basic and Bearer credentials. Time grows with the length of the text only.
 * @param cut the text is the beginning of a longer one, so that a secret may lack its end.
 */
export function maskText(text: string, cut = false): string {
  if (!SUSPECT.test(text)) return text;
  let masked = text.replace(USERINFO, `://${MASK}@`).replace(SCHEME, `$1 ${MASK}`);
  if (cut) masked = masked.replace(CUT_USERINFO, `://${MASK}`).replace(CUT_SCHEME, `$1 ${MASK}`);
  if (masked.includes('<')) masked = masked.replace(ELEMENT, maskElement);
  return maskPairs(masked);
}

function maskPairs(text: string): string {
  let masked = '';
  let copied = 0;
  NAME.lastIndex = 0;
  for (let match = NAME.exec(text); match !== null; match = NAME.exec(text)) {
    const [, name = '', quote, separator] = match;
    const start = NAME.lastIndex;
    if (!isCredentialName(name) && !(quote !== '' && isContentsName(name))) continue;
    const bare = quote !== '' ? BARE : separator === '=' ? PARAMETER : LINE;
    const value = valueAt(QUOTED, text, start) ?? valueAt(bare, text, start) ?? '';
    NAME.lastIndex = start + value.length;
    if (value.trim() === '') continue;
    masked += text.slice(copied, start) + quotedLike(value);
    copied = start + value.length;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}

function valueAt(pattern: RegExp, text: string, start: number): string | undefined {
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0];
}

function quotedLike(value: string): string {
  const quote = /^\\*["']/.exec(value)?.[0] ?? '';
  return `${quote}${MASK}${quote}`;
}

function maskElement(whole: string, name: string, attributes: string, content: string): string {
  const localName = name.slice(name.indexOf(':') + 1);
  if (content.trim() === '' || !isCredentialName(localName)) return whole;
  return `<${name}${attributes}>${MASK}`;
}
