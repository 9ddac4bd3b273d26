/** A place in a text, both from 1. A column counts UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets of one text into lines and columns. */
export class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    const ends = /\r\n|\n|\r/g;
    while (ends.test(text)) this.starts.push(ends.lastIndex);
  }

  at(offset: number): Position {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }
}

/** The line and column of one offset. */
export function positionAt(text: string, offset: number): Position {
  return new Lines(text).at(offset);
}

export function formatPosition({ line, column }: Position): string {
  return `line ${line}, column ${column}`;
}
