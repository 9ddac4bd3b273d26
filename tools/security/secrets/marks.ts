import { randomBytes, randomInt } from 'node:crypto';
import { layersOf } from './layers.js';

/**
 * What a secret is, by which it is told where it may be shown. A field of ours is an id, a filter or a date, where no secret
 * belongs: what stands there is no secret to the log, and is not repeated in an answer all the same.
 */
export type Kind =
  | 'header'
  | 'parameter'
  | 'body'
  | 'document'
  | 'credential'
  | 'answer'
  | 'upload'
  | 'submission'
  | 'login'
  | 'field of ours'
  | 'API key'
  | 'configuration';

interface Mark {
  readonly place: string;
  readonly kind: Kind;
}

/** What each planted secret begins with: one search finds them all. */
const BEGINNING = 's3cretmark';
const OWN_BYTES = 9;
const OWN_CHARACTERS = OWN_BYTES * 2;
/** Of its own characters as many as an encoding in groups surely has whole. */
const TOLD_CHARACTERS = 14;

/** How a text may be written: what the beginning looks like then, and how what follows is read. */
const WRITINGS = [
  { needle: Buffer.from(BEGINNING), width: 1, read: (bytes: Buffer) => bytes.toString('latin1') },
  { needle: Buffer.from(BEGINNING.toUpperCase()), width: 1, read: (bytes: Buffer) => bytes.toString('latin1') },
  { needle: Buffer.from(BEGINNING, 'utf16le'), width: 2, read: (bytes: Buffer) => bytes.toString('utf16le') },
  {
    needle: Buffer.from(Buffer.from(BEGINNING).toString('hex')),
    width: 2,
    read: (bytes: Buffer) => Buffer.from(bytes.toString('latin1'), 'hex').toString('latin1'),
  },
  // Of what is before it in a longer text depends which of three ways it is written in base64.
  ...[0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${'x'.repeat(before)}${BEGINNING}`).toString('base64');
    return {
      needle: Buffer.from(encoded.slice(before === 0 ? 0 : 4, Math.floor((before + BEGINNING.length) / 3) * 4)),
      width: 4 / 3,
      read: (bytes: Buffer) => Buffer.from(bytes.toString('latin1'), 'base64').toString('latin1'),
    };
  }),
];

/** Plants secrets that can be told apart, and finds them however they are written. */
export class Marks {
  private readonly planted = new Map<string, Mark>();
  private readonly watched: (Mark & { readonly needles: readonly Buffer[] })[] = [];

  get count(): number {
    return this.planted.size + this.watched.length;
  }

  /** A new secret for a place. */
  plant(place: string, kind: Kind): string {
    const own = randomBytes(OWN_BYTES).toString('hex');
    this.planted.set(own.slice(0, TOLD_CHARACTERS), { place, kind });
    return `${BEGINNING}${own}`;
  }

  /** A secret that is as it is, such as a key: looked for in whole lines, plain, in base64 and in hexadecimal. */
  watch(place: string, kind: Kind, text: string): string {
    const lines = text.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));
    const needles = lines.flatMap((line) => [
      Buffer.from(line),
      Buffer.from(Buffer.from(line).toString('hex')),
      ...[0, 1, 2].map((before) => {
        const encoded = Buffer.from(`${'x'.repeat(before)}${line}`).toString('base64');
        return Buffer.from(encoded.slice(before === 0 ? 0 : 4, Math.floor((before + line.length) / 3) * 4));
      }),
    ]);
    this.watched.push({ place, kind, needles });
    return text;
  }

  /** A secret that is a number, of so many digits that nothing else is it. */
  plantNumber(place: string, kind: Kind): number {
    return Number(this.watch(place, kind, `4${randomInt(1e7, 1e8)}${randomInt(1e6, 1e7)}`));
  }

  /** The places whose secrets stand in these bytes, but for those that may be shown there. */
  foundIn(bytes: Buffer, shown: readonly Kind[] = []): string[] {
    const found = new Set<Mark>();
    for (const layer of layersOf(bytes)) {
      for (const mark of this.marksIn(layer)) if (!shown.includes(mark.kind)) found.add(mark);
    }
    return [...found].map(({ place }) => place);
  }

  private *marksIn(bytes: Buffer): Iterable<Mark> {
    for (const { needle, width, read } of WRITINGS) {
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
        const length = Math.ceil((BEGINNING.length + OWN_CHARACTERS) * width);
        const text = read(bytes.subarray(at, at + length)).toLowerCase();
        // In base64 the first letters may belong to the group before.
        const [, own = ''] = /mark([0-9a-f]+)/.exec(text) ?? [];
        yield (
          this.planted.get(own.slice(0, TOLD_CHARACTERS)) ?? {
            place: `the beginning of a secret (${own})`,
            kind: 'configuration',
          }
        );
      }
    }
    for (const mark of this.watched) if (mark.needles.some((needle) => bytes.includes(needle))) yield mark;
  }
}
