/**
 * A place in a document, kept as a chain so that walking costs no text; a pointer is written only where one is told.
 */
export class Place {
  static readonly root = new Place(null, '');

  private constructor(
    private readonly parent: Place | null,
    private readonly key: string,
  ) {}

  at(...keys: (string | number)[]): Place {
    return keys.reduce<Place>((place, key) => new Place(place, String(key)), this);
  }

  /** The JSON pointer (https://www.rfc-editor.org/rfc/rfc6901); empty for the whole document. */
  get pointer(): string {
    return this.parent === null ? '' : `${this.parent.pointer}/${escapeSegment(this.key)}`;
  }

  /** The pointer as a sentence shows it: `/` for the whole document. */
  toString(): string {
    return this.pointer || '/';
  }
}

/** One key as a JSON pointer writes it. */
export function escapeSegment(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The keys of a JSON pointer. */
export function splitPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
