import yaml from 'js-yaml';

/** js-yaml exports its types one by one, which its declarations leave out. */
const { merge } = (yaml as unknown as { readonly types: { readonly merge: yaml.Type } }).types;
const KINDS = ['scalar', 'sequence', 'mapping'] as const;

/**
 * YAML as OpenAPI means it, which is JSON: no dates, no binary data, and a tag that says otherwise is passed over. Merge
 * keys (`<<`) are kept, for documents use them.
 */
export const PLAIN_SCHEMA = plainSchema(() => undefined);

/** The same, telling each tag that was passed over. */
export function plainSchema(onTag: (tag: string) => void): yaml.Schema {
  const construct = (data: unknown, tag?: string): unknown => {
    onTag(tag ?? '');
    return data;
  };
  return yaml.CORE_SCHEMA.extend({
    implicit: [merge],
    explicit: ['!', 'tag:'].flatMap((tag) => KINDS.map((kind) => new yaml.Type(tag, { kind, multi: true, construct }))),
  });
}
