import type { OperationSchemas, ResponseHeader, ResponseSchemas, SchemaTable } from '#core';
import { isObject, own, type Json } from '../json.js';
import { operationsOf } from '../normalise/methods.js';
import { parameterKey } from '../normalise/operation.js';
import type { References } from '../normalise/references.js';
import { escapeSegment } from '../place.js';
import { parameterNodes } from '../table/parameter.js';
import { object } from '../table/reading.js';
import { plainSchema } from './plain-schema.js';

/**
 * The schemas of a normalised document: all that inputs and answers of its operations are checked by, without the
 * document. Equal schemas of operations stand there once, so that the table is about as large as the document's schemas.
 */
export function makeSchemaTable(root: Json, references: References): SchemaTable {
  return JSON.parse([...schemaTablePieces(root, references)].join('')) as SchemaTable;
}

/** The same as JSON in pieces: a large document's schemas never stand in memory a second time. */
export function schemaTablePieces(root: Json, references: References): Generator<string> {
  return new TableMaker(root, references).pieces();
}

/** Values of which each different one is kept once, as JSON. */
class Pool {
  private readonly byNode = new Map<unknown, number>();
  private readonly byText = new Map<string, number>();

  /** @param node where the value comes from: that of the same node is not made again. */
  add(node: unknown, make: () => unknown): number {
    const known = this.byNode.get(node);
    if (known !== undefined) return known;
    const text = JSON.stringify(make());
    let index = this.byText.get(text);
    if (index === undefined) {
      index = this.byText.size;
      this.byText.set(text, index);
    }
    if (isObject(node)) this.byNode.set(node, index);
    return index;
  }

  texts(): Iterable<string> {
    return this.byText.keys();
  }
}

class TableMaker {
  private readonly schemas = new Pool();
  private readonly responses = new Pool();
  private readonly needed = new Set<string>();

  constructor(
    private readonly root: Json,
    private readonly references: References,
  ) {}

  *pieces(): Generator<string> {
    const operations = new Map<string, string>();
    for (const [path, item] of Object.entries(object(this.root, 'paths'))) {
      if (!isObject(item) || path.startsWith('x-')) continue;
      for (const { method, operation } of operationsOf(item)) {
        operations.set(`${method} ${path}`, JSON.stringify(this.operation(item, operation)));
      }
    }
    yield '{"format":1,"$defs":{';
    yield* listed(members(this.definitions()));
    yield '},"schemas":[';
    yield* listed(this.schemas.texts());
    yield '],"responses":[';
    yield* listed(this.responses.texts());
    yield '],"operations":{';
    yield* listed(members(operations));
    yield '}}';
  }

  private operation(item: Json, operation: Json): OperationSchemas {
    const parameters = parameterNodes(item, operation, this.references).map((parameter): [string, number] => {
      const media = Object.values(object(parameter, 'content'))[0];
      return [parameterKey(parameter) ?? '', this.schema(own(media ?? parameter, 'schema'))];
    });
    const body = this.content(this.references.resolve(own(operation, 'requestBody')));
    const responses = Object.entries(object(operation, 'responses')).flatMap(([status, given]): [string, number][] => {
      const response = this.references.resolve(given);
      if (status.startsWith('x-') || !isObject(response)) return [];
      return [[statusKey(status), this.responses.add(response, () => this.response(response))]];
    });
    return {
      parameters: Object.fromEntries(parameters),
      ...(body === undefined ? {} : { body }),
      responses: Object.fromEntries(responses),
    };
  }

  private response(response: Json): ResponseSchemas {
    const content = this.content(response);
    const headers = Object.entries(object(response, 'headers')).flatMap(([name, given]): [string, ResponseHeader][] => {
      const header = this.references.resolve(given);
      if (!isObject(header) || name.toLowerCase() === 'content-type') return [];
      const media = Object.values(object(header, 'content'))[0];
      const schema = media === undefined ? own(header, 'schema') : undefined;
      return [[name.toLowerCase(), { required: header.required === true, schema: this.schema(schema) }]];
    });
    return {
      ...(content === undefined ? {} : { content }),
      ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}),
    };
  }

  private content(node: unknown): Readonly<Record<string, number>> | undefined {
    const content = Object.entries(object(node, 'content'));
    if (content.length === 0) return undefined;
    return Object.fromEntries(content.map(([type, media]) => [type, this.schema(own(media, 'schema'))]));
  }

  private schema(node: unknown): number {
    return this.schemas.add(node, () => plainSchema(node, (name) => this.needed.add(name)));
  }

  /** What operations refer to, and what that refers to, in the document's order. */
  private definitions(): ReadonlyMap<string, string> {
    const all = Object.entries(object(object(this.root, 'components'), 'schemas'));
    const byName = new Map(all.map(([name, schema]) => [escapeSegment(name), schema]));
    const plain = new Map<string, string>();
    // A set is walked to its end even when it grows on the way.
    for (const name of this.needed) {
      if (!byName.has(name)) continue;
      const schema = plainSchema(byName.get(name), (next) => this.needed.add(next));
      plain.set(name, JSON.stringify(schema));
    }
    return new Map(
      all.flatMap(([name]): [string, string][] => {
        const schema = plain.get(escapeSegment(name));
        return schema === undefined ? [] : [[name, schema]];
      }),
    );
  }
}

/** The members of a JSON object, each value of which is JSON already. */
function* members(values: ReadonlyMap<string, string>): Generator<string> {
  for (const [name, value] of values) yield `${JSON.stringify(name)}:${value}`;
}

function* listed(texts: Iterable<string>): Generator<string> {
  let isFirst = true;
  for (const text of texts) {
    yield isFirst ? text : `,${text}`;
    isFirst = false;
  }
}

/** `2xx` and `Default` as the specification spells them. */
function statusKey(status: string): string {
  const key = status.trim();
  return key.toLowerCase() === 'default' ? 'default' : key.toUpperCase();
}
