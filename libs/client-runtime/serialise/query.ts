import type { Operation, Parameter } from '#core';
import type { RequestInput } from '../input.js';
import { encodeQuery, encodeStrict } from './encode.js';
import { formText } from './form.js';
import { isForm } from './media-type.js';
import { queryVariables } from './path.js';
import type { Layout, Pair } from './style.js';
import { contentText, pairsOf } from './style.js';
import { isGiven, isPresent, isRecord, ownValue, textOf } from './value.js';

/** What is worked out once an operation. */
export interface QueryPlan {
  readonly parameters: readonly Parameter[];
  readonly names: ReadonlySet<string>;
  readonly variables: ReadonlyMap<string, string>;
  /** The parameter that is the whole query. */
  readonly whole: Parameter | undefined;
}

const UNDECLARED: Layout = { style: 'form', explode: true, allowReserved: false, allowEmptyValue: false };

export function queryPlan(operation: Operation): QueryPlan {
  const parameters = operation.parameters.filter((parameter) => parameter.in === 'query');
  const whole = operation.parameters.find((parameter) => parameter.in === 'querystring');
  return {
    parameters,
    names: new Set(parameters.map((parameter) => parameter.name)),
    variables: queryVariables(operation),
    whole,
  };
}

/**
 * The query with its `?`, or nothing: that of the base URL, then that of the declared path but for what was given by
 * the same name, then declared parameters in the document's order, then what else was given.
 * @param missing called with the name of a required parameter without a value.
 */
export function queryText(
  operation: Operation,
  plan: QueryPlan,
  baseQuery: string,
  input: RequestInput,
  missing: (name: string) => never,
): string {
  const given = input.queryParams ?? {};
  const pairs: Pair[] = [];
  for (const [name, value] of operation.fixedQuery ?? []) {
    if (isGiven(ownValue(given, name))) continue;
    pairs.push([encodeStrict(name), encodeStrict(fillFixed(value, input))]);
  }
  const fixed = new Set(operation.fixedQuery?.map(([name]) => name));
  for (const parameter of plan.parameters) {
    const own = ownValue(given, parameter.name);
    const variable = own === undefined ? plan.variables.get(parameter.name) : undefined;
    const value = variable === undefined ? own : ownValue(input.urlParams, variable);
    if (!isPresent(parameter, value)) {
      if (parameter.required && !fixed.has(parameter.name)) missing(parameter.name);
      continue;
    }
    if (parameter.contentType === undefined) pairs.push(...pairsOf(parameter.name, value, parameter));
    else pairs.push([encodeStrict(parameter.name), encodeStrict(contentText(parameter, value))]);
  }
  const whole = plan.whole === undefined ? '' : wholeText(plan.whole, given, missing);
  for (const [name, value] of Object.entries(given)) {
    if (plan.names.has(name) || name === plan.whole?.name) continue;
    pairs.push(...pairsOf(name, value, isRecord(value) ? { ...UNDECLARED, style: 'deepObject' } : UNDECLARED));
  }
  const parts = [baseQuery, whole, ...pairs.map(([name, value]) => `${name}=${value}`)].filter((part) => part !== '');
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/**
 * A parameter that is the whole query: a form in its own encoding, anything else percent-encoded as one. A text stands
 * for a form that is encoded already, and the fields of a form may also be given one by one.
 * https://spec.openapis.org/oas/v3.2.0#parameter-locations
 */
function wholeText(
  parameter: Parameter,
  given: Readonly<Record<string, unknown>>,
  missing: (name: string) => never,
): string {
  const value = ownValue(given, parameter.name);
  const form = isForm(parameter.contentType ?? '');
  if (!isPresent(parameter, value)) {
    if (parameter.required && !(form && Object.values(given).some(isGiven))) missing(parameter.name);
    return '';
  }
  if (!form) return encodeStrict(contentText(parameter, value));
  return isRecord(value) ? formText(value, undefined) : encodeQuery(textOf(value));
}

/** Some documents write template variables into the query of a path. */
function fillFixed(value: string, input: RequestInput): string {
  return value.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const filler = ownValue(input.urlParams, name) ?? ownValue(input.queryParams, name);
    return isGiven(filler) ? textOf(filler) : whole;
  });
}
