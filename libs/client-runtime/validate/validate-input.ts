import {
  describeName,
  describeShape,
  isCredentialName,
  isPlainName,
  messageOf,
  type JsonSchema,
  type Operation,
  type OperationTable,
  type Parameter,
  type SchemaTable,
} from '#core';
import { findOperation } from '../find-operation.js';
import type { CheckedInput, ValidateOptions } from './checked-input.js';
import { nearest } from '../nearest.js';
import { namesInCookie } from '../serialise/cookies.js';
import { isSendable } from '../serialise/headers.js';
import { isJson } from '../serialise/media-type.js';
import { pathParts } from '../serialise/path.js';
import { queryPlan } from '../serialise/query.js';
import { isGiven, isPresent, ownValue } from '../serialise/value.js';
import { checkerOf } from './checker.js';
import { describeSchema, excerpt, oneOf } from './describe.js';
import { faultAt, faultsOf, type Fault, type Field } from './fault.js';
import { bodyFaults } from './input-body.js';
import { MADE_UP, Run } from './run.js';

const FIELDS: Readonly<Record<Parameter['in'], Field>> = {
  path: 'url_params',
  query: 'query_params',
  querystring: 'query_params',
  header: 'headers',
  cookie: 'cookie_params',
};
/** What parts a list that is given as one text. */
const DELIMITERS: Partial<Record<Parameter['style'], string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  tabDelimited: '\t',
};
const MOST_FAULTS = 100;
const MOST_NAMED = 3;

/**
 * Checks what a call is given against the document, before anything is sent: required parameters and bodies, types, bounds,
 * enumerations, patterns, names of path parameters, the media type. Parameters and form fields travel as text, so there
 * `"5"` is an integer; a JSON body must be exact. Undeclared query parameters, headers and cookies are no fault, for
 * they are sent as they are given.
 * @param schemas the table that belongs to the operation's; keep the object, since its checks are made once.
 * @returns every fault, at most a hundred; empty when all is well.
 */
export function validateInput(
  operation: Operation,
  schemas: SchemaTable,
  input: CheckedInput,
  options: ValidateOptions = {},
): Fault[] {
  const faults = [
    ...unknownPathParameters(operation, input),
    ...undeclaredVariables(operation, input),
    ...operation.parameters.flatMap((parameter) => parameterFaults(operation, schemas, parameter, input, options)),
    ...bodyFaults(operation, schemas, input, options),
  ];
  return faults.slice(0, MOST_FAULTS);
}

/** The fault of asking for an operation that the document does not declare; undefined when it does. */
export function unknownOperation(table: OperationTable, method: string, endpoint: string): Fault | undefined {
  try {
    findOperation(table, method, endpoint);
    return undefined;
  } catch (error) {
    const methods = table.operations.filter(({ path, template }) => path === endpoint || template === endpoint);
    const isMethod = methods.length > 0;
    const expected = isMethod
      ? oneOf([...new Set(methods.map((operation) => operation.method))])
      : 'a path that the service declares';
    const got = isMethod ? describeName(method) : describeShape(endpoint);
    return { pointer: isMethod ? '/method' : '/endpoint', expected, got, message: messageOf(error) };
  }
}

function unknownPathParameters(operation: Operation, input: CheckedInput): Fault[] {
  const known = new Set([
    ...pathParts(operation).flatMap(({ parameter }) => (parameter ? [parameter.name] : [])),
    ...queryPlan(operation).variables.values(),
    ...(operation.fixedQuery ?? []).flatMap(([, value]) =>
      [...value.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name),
    ),
  ]);
  return Object.keys(input.urlParams ?? {})
    .filter((name) => !known.has(name))
    .map((name) => {
      const names = nearest(excerpt(name), known, MOST_NAMED).map((near) => excerpt(near));
      const expected =
        known.size === 0 ? 'absent, since the path has no parameters' : `a parameter of the path (${names.join(', ')})`;
      return faultAt('url_params', [isPlainName(name) ? name : MADE_UP], expected, input.urlParams?.[name]);
    });
}

/** Variables of the path that no parameter declares have to be filled all the same. */
function undeclaredVariables(operation: Operation, { urlParams }: CheckedInput): Fault[] {
  const declared = new Set(operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name));
  return pathParts(operation)
    .flatMap(({ parameter }) => (parameter && !declared.has(parameter.name) ? [parameter.name] : []))
    .filter((name) => !isGiven(ownValue(urlParams, name)))
    .map((name) => faultAt('url_params', [name], 'a value for the path', undefined));
}

function parameterFaults(
  operation: Operation,
  schemas: SchemaTable,
  parameter: Parameter,
  input: CheckedInput,
  { onUnchecked }: ValidateOptions,
): Fault[] {
  const field = FIELDS[parameter.in];
  const schema = schemaOf(operation, schemas, parameter);
  const [name, value] = givenValue(operation, parameter, input);
  if (!(parameter.in === 'path' ? isGiven(value) : isPresent(parameter, value))) {
    if (!parameter.required || isMadeUpFor(operation, parameter, input)) return [];
    return [faultAt(field, [name], describeSchema(schema, checkerOf(schemas).resolve), undefined)];
  }
  if (parameter.allowEmptyValue && (value === '' || value === null)) return [];
  const asText = parameter.contentType === undefined || !isJson(parameter.contentType);
  // The whole query as one text is encoded already.
  if (parameter.in === 'querystring' && typeof value === 'string') return [];
  const run = new Run({ direction: 'request', asText, most: MOST_FAULTS });
  checkerOf(schemas).checkOf(schema)(asText ? listed(parameter, value) : value, run);
  const faults = faultsOf(field, [name], run.violations);
  if (!run.isComplete) onUnchecked?.(`/${field}/${name}`);
  return faults;
}

function schemaOf(operation: Operation, schemas: SchemaTable, parameter: Parameter): JsonSchema {
  const key = `${operation.method} ${operation.path}`;
  const found = Object.hasOwn(schemas.operations, key) ? schemas.operations[key] : undefined;
  const name = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
  const index = found && Object.hasOwn(found.parameters, name) ? found.parameters[name] : undefined;
  return (index === undefined ? undefined : schemas.schemas[index]) ?? {};
}

/** The value of a parameter, and the name it was given by. */
function givenValue(operation: Operation, parameter: Parameter, input: CheckedInput): [name: string, value: unknown] {
  const { name } = parameter;
  switch (parameter.in) {
    case 'path':
      return [name, ownValue(input.urlParams, name)];
    case 'cookie':
      return [name, ownValue(input.cookieParams, name)];
    case 'header': {
      const lower = name.toLowerCase();
      return Object.entries(input.headers ?? {}).find(([given]) => given.toLowerCase() === lower) ?? [name, undefined];
    }
    default: {
      const value = ownValue(input.queryParams, name);
      const variable = value === undefined ? queryPlan(operation).variables.get(name) : undefined;
      return [name, variable === undefined ? value : ownValue(input.urlParams, variable)];
    }
  }
}

/** Whether a required parameter may be absent from its field: something else takes its place. */
function isMadeUpFor(operation: Operation, { in: place, name }: Parameter, input: CheckedInput): boolean {
  if (place === 'query' && operation.fixedQuery?.some(([fixed]) => fixed === name)) return true;
  if (place === 'querystring') return Object.values(input.queryParams ?? {}).some(isGiven);
  if (place === 'header' && (!isSendable(name) || name.toLowerCase() === 'cookie')) return true;
  if (place === 'cookie') {
    const header = Object.entries(input.headers ?? {}).find(([given]) => given.toLowerCase() === 'cookie')?.[1];
    if (typeof header === 'string' && namesInCookie(header).has(name)) return true;
  }
  // A security scheme fills the place that some documents declare as a parameter once more.
  return place !== 'path' && isCredentialName(name) && Object.keys(input.credentials ?? {}).length > 0;
}

/** A list given as one text or one value, in the parameter's own style. */
function listed(parameter: Parameter, value: unknown): unknown {
  if (parameter.schema.type !== 'array' || typeof value === 'object') return value;
  if (typeof value !== 'string' || parameter.explode) return [value];
  return value.split(DELIMITERS[parameter.style] ?? ',');
}
