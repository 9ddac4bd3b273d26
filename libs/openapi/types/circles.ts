import { isObject, own, type Json } from '../json.js';
import { list, text } from '../table/reading.js';

/** A reference from one named schema to another that TypeScript has to follow at once to know the first one's type. */
interface Edge {
  readonly to: string;
  /** Of several ways round a circle the one that says least is cut: an alternative or an item before a part. */
  readonly isSoft: boolean;
}

/**
 * The references to cut so that no type needs itself to be known (TS2502): through properties a schema may well hold
 * itself, through alternatives, parts, items and other names it may not.
 * @returns for each schema's name, the references in it (not in its properties) that have to be read as any value.
 */
export function circularReferences(schemas: Json): Map<string, Set<string>> {
  const graph = new Map<string, Edge[]>();
  for (const [name, schema] of Object.entries(schemas)) {
    const edges: Edge[] = [];
    collect(schema, false, edges);
    graph.set(
      name,
      edges.filter((edge) => Object.hasOwn(schemas, edge.to)),
    );
  }
  const cuts = new Map<string, Set<string>>();
  for (const pass of ['soft', 'any'] as const) {
    for (const [from, to] of circularEdges(graph, pass === 'soft')) {
      const cut = cuts.get(from) ?? new Set<string>();
      cuts.set(from, cut.add(to));
      graph.set(
        from,
        (graph.get(from) ?? []).filter((edge) => edge.to !== to),
      );
    }
  }
  return cuts;
}

const PREFIX = '#/components/schemas/';

/** The name that a canonical reference to a schema holds, or null. */
export function schemaName(ref: string | undefined): string | null {
  if (!ref?.startsWith(PREFIX)) return null;
  const name = ref.slice(PREFIX.length);
  return name.includes('~') ? name.replaceAll('~1', '/').replaceAll('~0', '~') : name;
}

function collect(schema: unknown, isSoft: boolean, edges: Edge[]): void {
  if (!isObject(schema)) return;
  const to = schemaName(text(schema, '$ref'));
  if (to !== null) edges.push({ to, isSoft });
  for (const part of list(schema, 'allOf')) collect(part, isSoft, edges);
  for (const part of [...list(schema, 'oneOf'), ...list(schema, 'anyOf'), ...list(schema, 'prefixItems')])
    collect(part, true, edges);
  collect(own(schema, 'items'), true, edges);
}

/** The edges inside a strongly connected component: all soft ones, or those that close a circle. */
function circularEdges(graph: Map<string, Edge[]>, softOnly: boolean): [from: string, to: string][] {
  const component = components(graph);
  const found: [string, string][] = [];
  const order = new Map([...graph.keys()].map((name, index) => [name, index]));
  for (const [from, edges] of graph) {
    for (const { to, isSoft } of edges) {
      if (component.get(from) !== component.get(to)) continue;
      const isBack = (order.get(to) ?? 0) <= (order.get(from) ?? 0);
      if (softOnly ? isSoft || from === to : isBack) found.push([from, to]);
    }
  }
  return found;
}

/** Tarjan's algorithm without the call stack: the component that each schema is in; one alone has its own. */
function components(graph: Map<string, Edge[]>): Map<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const result = new Map<string, number>();
  const stack: string[] = [];
  let count = 0;
  for (const start of graph.keys()) {
    if (index.has(start)) continue;
    const work: { name: string; next: number }[] = [{ name: start, next: 0 }];
    while (work.length > 0) {
      const frame = work[work.length - 1];
      if (!frame) break;
      const { name } = frame;
      if (frame.next === 0 && !index.has(name)) {
        index.set(name, index.size);
        low.set(name, index.get(name) ?? 0);
        stack.push(name);
      }
      const edge = graph.get(name)?.[frame.next];
      if (edge) {
        frame.next += 1;
        if (!index.has(edge.to)) work.push({ name: edge.to, next: 0 });
        else if (!result.has(edge.to)) low.set(name, Math.min(low.get(name) ?? 0, index.get(edge.to) ?? 0));
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.name;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent) ?? 0, low.get(name) ?? 0));
      if (low.get(name) !== index.get(name)) continue;
      count += 1;
      for (let member = stack.pop(); member !== undefined; member = member === name ? undefined : stack.pop())
        result.set(member, count);
    }
  }
  return result;
}
