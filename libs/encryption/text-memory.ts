/** Longer texts are not worth their place. */
const LONGEST = 4 * 1024;
/** How many characters are remembered together. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Remembers what ciphertexts hold for a while: what was just written is about to be read, often several times. */
export class TextMemory {
  private readonly texts = new Map<string, string>();
  private characters = 0;

  get(sealed: string): string | undefined {
    return this.texts.get(sealed);
  }

  set(sealed: string, text: string): void {
    if (text.length > LONGEST || this.texts.has(sealed)) return;
    this.texts.set(sealed, text);
    this.characters += sealed.length + text.length;
    for (const [oldest, value] of this.texts) {
      if (this.characters <= MOST_CHARACTERS) break;
      this.texts.delete(oldest);
      this.characters -= oldest.length + value.length;
    }
  }
}
