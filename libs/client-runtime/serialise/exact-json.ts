/** Numbers that a double may not hold. */
const MAY_LOSE = /\d{16}/;
const NUMBER = /-?\d[\d.eE+-]*/y;

/**
 * Reads the JSON text of a form, in which a number ends as a text anyway: the fields whose numbers would not read back
 * as they were written, and items of their lists, become those very texts. What is nested deeper stays JSON.
 * @param text JSON without a fault.
 */
export function parseFields(text: string): unknown {
  return JSON.parse(MAY_LOSE.test(text) ? withTexts(text) : text);
}

function withTexts(text: string): string {
  let out = '';
  let copied = 0;
  /** What is open, from the outside in. */
  const open: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') open.push(character);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = at;
      const [number = character] = NUMBER.exec(text) ?? [];
      if (open[0] === '{' && !open.includes('{', 1) && String(Number(number)) !== number && MAY_LOSE.test(number)) {
        out += `${text.slice(copied, at)}"${number}"`;
        copied = at + number.length;
      }
      at += number.length - 1;
    }
  }
  return out + text.slice(copied);
}

/** Where the string that begins here ends. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
