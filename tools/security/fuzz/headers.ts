import fc from 'fast-check';
import { mergeHeaders } from '#client-runtime';
import { asJson, oddText } from './mutated.js';
import { expect, type Target } from './target.js';

type Layers = readonly (readonly (readonly [string, string])[])[];

/** Merges headers: of each name, in whatever case, one is left, and that is the last one. */
export const headers: Target = {
  name: 'headers',
  inputs: asJson(fc.array(fc.array(fc.tuple(oddText, oddText), { maxLength: 6 }), { maxLength: 4 })),
  check(input) {
    const layers = (JSON.parse(input.toString()) as Layers).map((entries) => Object.fromEntries(entries));
    const before = JSON.stringify(layers);
    const merged = mergeHeaders<string>(...layers);
    expect(JSON.stringify(layers) === before, 'a layer was changed');
    expect(Object.getPrototypeOf(merged) === Object.prototype, 'the prototype of what was merged was changed');
    const names = Object.keys(merged).map((name) => name.toLowerCase());
    expect(new Set(names).size === names.length, 'a name is left twice');
    const wanted = new Map(
      layers.flatMap((layer) => Object.entries(layer)).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(wanted.size === names.length, 'a name is lost');
    for (const [name, value] of Object.entries(merged))
      expect(wanted.get(name.toLowerCase()) === value, 'another than the last value is left');
    const again = mergeHeaders<string>(merged);
    expect(JSON.stringify(again) === JSON.stringify(merged), 'merging once more changes something');
  },
};
