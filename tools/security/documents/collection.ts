import {
  BOMBS,
  HOSTILE_NAMES,
  oddTexts,
  richDocuments,
  withEachNameReplaced,
} from '../../../libs/testing/documents/index.js';
import { everywhere, PLACES } from './places.js';
import { KEPT_TEXTS, SHARED_NAMES, TEXTS } from './texts.js';
import { patterns, pollution, references, yamlTricks } from './tricks.js';

export interface HostileDocument {
  readonly name: string;
  readonly bytes: Buffer;
  /** That it is refused would hide what becomes of it. */
  readonly hasClient?: boolean;
}

/** Where calls go, whom nobody may ask, and a file that nobody may read. */
export interface Surroundings {
  readonly server: string;
  readonly bait: string;
  readonly file: string;
}

/** One of so many names of the rich documents becomes a hostile one. */
const EVERY = 20;

/** All hostile documents. */
export function hostileDocuments({ server, bait, file }: Surroundings): readonly HostileDocument[] {
  const json = (name: string, document: unknown, hasClient = false): HostileDocument => ({
    name,
    bytes: Buffer.from(JSON.stringify(document)),
    hasClient,
  });
  const tricks = [...pollution(server), ...yamlTricks(), ...references(server, bait, file), ...patterns(server)];
  return [
    ...Object.entries(PLACES).map(([place, put]) => json(`code in ${place}`, put(KEPT_TEXTS, server), true)),
    ...Object.entries(PLACES).map(([place, put]) => json(`shared names in ${place}`, put(SHARED_NAMES, server))),
    ...TEXTS.map((text, index) => {
      const versions = everywhere(text);
      const [version, document] = versions[index % versions.length] ?? [];
      return json(`${JSON.stringify(text)} all over a document of ${version ?? ''}`, document);
    }),
    ...Object.entries(richDocuments()).flatMap(([version, document]) =>
      [...withEachNameReplaced(document, HOSTILE_NAMES, EVERY)].map((broken) =>
        json(`${version}: ${broken.name}`, broken.document),
      ),
    ),
    ...tricks.map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
    ...BOMBS.map(([name, bytes]) => ({ name, bytes })),
    ...oddTexts().map(([name, bytes]) => ({ name: `written oddly: ${name}`, bytes })),
  ];
}
