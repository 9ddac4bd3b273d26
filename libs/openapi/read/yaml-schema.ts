import yaml from 'js-yaml';

/** js-yaml exports its types one by one, which its declarations leave out. */
const { merge } = (yaml as unknown as { readonly types: { readonly merge: yaml.Type } }).types;
const KINDS = ['scalar', 'sequence', 'mapping'] as const;

/**
 * YAML as OpenAPI means it, which is JSON: no dates, no binary data, and a tag that says otherwise is passed over. Merge
 * keys (`<<`) are kept, for documents use them.
 */
export const PLAIN_SCHEMA = yaml.CORE_SCHEMA.extend({
  implicit: [merge],
  explicit: ['!', 'tag:'].flatMap((tag) =>
    KINDS.map((kind) => new yaml.Type(tag, { kind, multi: true, construct: (data: unknown) => data })),
  ),
});
