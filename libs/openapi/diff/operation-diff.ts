import type { JsonSchema, Operation, OperationSchemas, Parameter, ResponseSchemas } from '#core';
import { excerpt } from '../json.js';
import { escapeSegment } from '../place.js';
import type { Change, ChangeKind, DocumentTables } from './change.js';
import type { SchemaChange, SchemaDiff, Side } from './schema-diff.js';
import { compareSecurity } from './security-diff.js';
import { compareServers } from './server-diff.js';

/** Of one place (a parameter, a body, an answer) that has changed throughout, so much is told. */
const MOST_A_PLACE = 50;

/** An operation as both versions declare it. */
export interface OperationPair {
  readonly from: Operation;
  readonly to: Operation;
  /** Old names of path parameters that are called otherwise now. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** What has changed of one operation. */
export function compareOperations(
  pair: OperationPair,
  from: DocumentTables,
  to: DocumentTables,
  schemas: SchemaDiff,
): Change[] {
  return new OperationDiff(pair, from, to, schemas).run();
}

class OperationDiff {
  private readonly changes: Change[] = [];
  private readonly old: OperationSchemas | undefined;
  private readonly now: OperationSchemas | undefined;

  constructor(
    private readonly pair: OperationPair,
    private readonly before: DocumentTables,
    private readonly after: DocumentTables,
    private readonly schemas: SchemaDiff,
  ) {
    this.old = schemasOf(pair.from, before);
    this.now = schemasOf(pair.to, after);
  }

  run(): Change[] {
    const { from, to, renamed } = this.pair;
    for (const [name, other] of renamed) {
      this.tell(
        'path_parameter_renamed',
        true,
        `/parameters/path/${escapeSegment(name)}`,
        `the path parameter ${excerpt(name)} is now called ${excerpt(other)}`,
      );
    }
    if (to.deprecated === true && from.deprecated !== true)
      this.tell('operation_deprecated', false, undefined, 'it is now deprecated');
    this.parameters();
    this.body();
    this.responses();
    if (from.servers !== undefined || to.servers !== undefined) {
      const text = compareServers(from.servers ?? this.before.table.servers, to.servers ?? this.after.table.servers);
      if (text) this.tell('server_changed', text.breaking, undefined, text.text);
    }
    const security = compareSecurity(from, this.before.table, to, this.after.table);
    if (security) this.tell('security_changed', security.breaking, undefined, security.text);
    return this.changes;
  }

  private tell(kind: ChangeKind, breaking: boolean, pointer: string | undefined, text: string): void {
    const { method, path } = this.pair.from;
    const message = `${method} ${excerpt(path, 200)}: ${text}.`;
    this.changes.push({ kind, breaking, method, path, ...(pointer === undefined ? {} : { pointer }), message });
  }

  private parameters(): void {
    const { from, to, renamed } = this.pair;
    const now = new Map(to.parameters.map((parameter) => [keyOf(parameter), parameter]));
    for (const parameter of from.parameters) {
      const name = parameter.in === 'path' ? (renamed.get(parameter.name) ?? parameter.name) : parameter.name;
      const key = keyOf({ ...parameter, name });
      const next = now.get(key);
      now.delete(key);
      const pointer = pointerOf(parameter);
      const where = nameOf(parameter);
      if (!next) {
        this.tell('parameter_removed', true, pointer, `${where} is no longer declared`);
        continue;
      }
      if (next.required !== parameter.required) {
        const text = next.required ? 'must now be given' : 'may now be left out';
        this.tell(
          next.required ? 'parameter_required' : 'parameter_optional',
          next.required,
          pointer,
          `${where} ${text}`,
        );
      }
      if (
        next.style !== parameter.style ||
        next.explode !== parameter.explode ||
        next.contentType !== parameter.contentType
      ) {
        this.tell('parameter_style_changed', false, pointer, `${where} is now written in another style`);
      }
      this.compare(
        this.parameterSchema(this.before, this.old, keyOf(parameter)),
        this.parameterSchema(this.after, this.now, key),
        'request',
        pointer,
        where,
      );
    }
    for (const parameter of now.values()) {
      const { required } = parameter;
      const text = required ? 'is new and must be given' : 'is new';
      this.tell(
        required ? 'parameter_required' : 'parameter_added',
        required,
        pointerOf(parameter),
        `${nameOf(parameter)} ${text}`,
      );
    }
  }

  private parameterSchema(tables: DocumentTables, schemas: OperationSchemas | undefined, key: string): JsonSchema {
    return at(tables.schemas.schemas, own(schemas?.parameters, key)) ?? {};
  }

  private body(): void {
    const { requestBody: was } = this.pair.from;
    const { requestBody: is } = this.pair.to;
    if (!was && !is) return;
    if (!was) {
      const isDemanded = is?.required === true;
      this.tell(
        isDemanded ? 'body_required' : 'body_added',
        isDemanded,
        '/body',
        `a body ${isDemanded ? 'must' : 'may'} now be given`,
      );
      return;
    }
    if (!is) {
      this.tell('body_removed', true, '/body', 'it no longer takes a body');
      return;
    }
    if (was.required !== is.required) {
      this.tell(
        is.required ? 'body_required' : 'body_optional',
        is.required,
        '/body',
        is.required ? 'the body must now be given' : 'the body may now be left out',
      );
    }
    this.content(this.old?.body, this.now?.body, 'request', '/body', 'the body');
  }

  private responses(): void {
    const was = new Map(Object.entries(this.old?.responses ?? {}));
    const is = new Map(Object.entries(this.now?.responses ?? {}));
    for (const [status, index] of was) {
      const next = is.get(status);
      const pointer = `/responses/${escapeSegment(status)}`;
      const where = `the answer ${excerpt(status)}`;
      if (next === undefined) {
        const isSuccess =
          status.startsWith('2') || (status === 'default' && ![...was.keys()].some((key) => key.startsWith('2')));
        this.tell('response_status_removed', isSuccess, pointer, `${where} is no longer declared`);
      } else
        this.response(at(this.before.schemas.responses, index), at(this.after.schemas.responses, next), pointer, where);
    }
    for (const status of is.keys()) {
      if (!was.has(status))
        this.tell(
          'response_status_added',
          false,
          `/responses/${escapeSegment(status)}`,
          `the answer ${excerpt(status)} is new`,
        );
    }
  }

  private response(
    was: ResponseSchemas | undefined,
    is: ResponseSchemas | undefined,
    pointer: string,
    where: string,
  ): void {
    this.content(was?.content ?? {}, is?.content ?? {}, 'response', pointer, where);
    for (const [name, header] of Object.entries(was?.headers ?? {})) {
      const place = `${pointer}/headers/${escapeSegment(name)}`;
      const what = `the header ${excerpt(name)} of ${where}`;
      const next = own(is?.headers, name);
      if (!next) this.tell('response_header_removed', true, place, `${what} is no longer declared`);
      else
        this.compare(
          at(this.before.schemas.schemas, header.schema) ?? {},
          at(this.after.schemas.schemas, next.schema) ?? {},
          'response',
          place,
          what,
        );
    }
  }

  private content(was: Indexes = {}, is: Indexes = {}, side: Side, pointer: string, where: string): void {
    const prefix = side === 'response' ? 'response_' : '';
    const now = new Map(Object.entries(is).map(([type, index]) => [plainType(type), { type, index }]));
    for (const [type, index] of Object.entries(was)) {
      const place = `${pointer}/${escapeSegment(type)}`;
      const next = now.get(plainType(type));
      now.delete(plainType(type));
      if (!next) {
        this.tell(`${prefix}media_type_removed`, true, place, `${where} is no longer declared as ${excerpt(type)}`);
        continue;
      }
      const what = Object.keys(was).length > 1 ? `${where} (${excerpt(type)})` : where;
      this.compare(
        at(this.before.schemas.schemas, index) ?? {},
        at(this.after.schemas.schemas, next.index) ?? {},
        side,
        place,
        what,
      );
    }
    for (const { type } of now.values()) {
      this.tell(
        `${prefix}media_type_added`,
        false,
        `${pointer}/${escapeSegment(type)}`,
        `${where} is now also declared as ${excerpt(type)}`,
      );
    }
  }

  private compare(was: JsonSchema, is: JsonSchema, side: Side, pointer: string, where: string): void {
    for (const change of this.schemas.compare(was, is, side, MOST_A_PLACE))
      this.tellSchema(change, side, pointer, where);
  }

  private tellSchema({ kind, breaking, pointer, text }: SchemaChange, side: Side, base: string, where: string): void {
    const place = pointer === '' ? where : `${excerpt(pointer, 200)} of ${where}`;
    this.tell(side === 'response' ? `response_${kind}` : kind, breaking, base + pointer, `${place} ${text}`);
  }
}

type Indexes = Readonly<Record<string, number>>;

function schemasOf(operation: Operation, { schemas }: DocumentTables): OperationSchemas | undefined {
  return own(schemas.operations, `${operation.method} ${operation.path}`);
}

function own<T>(values: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return values && Object.hasOwn(values, key) ? values[key] : undefined;
}

function at<T>(values: readonly T[], index: number | undefined): T | undefined {
  return index === undefined ? undefined : values[index];
}

function keyOf({ in: place, name }: Pick<Parameter, 'in' | 'name'>): string {
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}

function pointerOf({ in: place, name }: Parameter): string {
  return `/parameters/${place}/${escapeSegment(name)}`;
}

function nameOf({ in: place, name }: Parameter): string {
  return `the ${place} parameter ${excerpt(name)}`;
}

/** Media types are the same in any case, and their parameters in any spacing. */
function plainType(type: string): string {
  return type.toLowerCase().replace(/\s+/g, '');
}
