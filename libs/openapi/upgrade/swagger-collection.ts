import { own, type Json } from '../json.js';

/** Which collection formats 3.x has a style for in a query or a form: https://spec.openapis.org/oas/v3.0.4#style-values */
const QUERY_STYLES: Readonly<Record<string, Json>> = {
  csv: { style: 'form', explode: false },
  multi: { style: 'form', explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
};

/** The collection formats of 2.0: https://spec.openapis.org/oas/v2.0#fixed-fields-6 */
export const COLLECTION_FORMATS: readonly unknown[] = [...Object.keys(QUERY_STYLES), 'tsv'];

/**
 * A collectionFormat as style and explode. Tabs between values are known to no style of 3.x, nor are most formats outside
 * queries and forms: an extension keeps them.
 * @param location that of the parameter.
 */
export function collectionStyle(format: string, location: string): Json {
  if (['query', 'formData', 'cookie'].includes(location)) {
    return (
      (own(QUERY_STYLES, format) as Json | undefined) ?? { style: 'form', explode: false, 'x-collectionFormat': format }
    );
  }
  return format === 'csv' || format === 'multi' ? {} : { 'x-collectionFormat': format };
}
