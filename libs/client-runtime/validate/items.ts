import { listOf, type Node, type Schemas } from './node.js';
import type { Check } from './run.js';

/** https://json-schema.org/draft/2020-12/json-schema-core#name-keywords-for-applying-subschemas-to-arrays */
export function itemsCheck(node: Node, schemas: Schemas): Check[] {
  const prefix = listOf(node, 'prefixItems').map((schema) => schemas.checkOf(schema));
  const rest = node.items === undefined || node.items === true ? null : schemas.checkOf(node.items);
  if (prefix.length === 0 && rest === null) return [];
  const check: Check = (value, run) => {
    if (!Array.isArray(value)) return true;
    let fits = true;
    for (const [index, item] of value.entries()) {
      const one = prefix[index] ?? rest;
      if (one === null) break;
      if (run.inside(String(index), item, one)) continue;
      if (!run.isNoting) return false;
      fits = false;
    }
    return fits;
  };
  return [check];
}

/** https://json-schema.org/draft/2020-12/json-schema-validation#name-maxcontains */
export function containsCheck(node: Node, schemas: Schemas): Check[] {
  if (node.contains === undefined) return [];
  const one = schemas.checkOf(node.contains);
  const least = typeof node.minContains === 'number' ? node.minContains : 1;
  const most = typeof node.maxContains === 'number' ? node.maxContains : Infinity;
  const check: Check = (value, run) => {
    if (!Array.isArray(value)) return true;
    const count = value.filter((item: unknown) => run.asks(item, one)).length;
    if (count >= least && count <= most) return true;
    return run.refuse(
      () => `an array with ${most === Infinity ? `at least ${least}` : `${least} to ${most}`} items of a kind`,
      value,
    );
  };
  return [check];
}
