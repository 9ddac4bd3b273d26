import { Permanent } from '#core';
import type { Operation, Parameter } from '#core';
import { encodePathLiteral, encodeStrict } from './encode.js';
import { contentText, pathText } from './style.js';
import { isGiven } from './value.js';

/** A template cut into what stands as it is and what is filled in. */
export interface PathPart {
  /** Already encoded. */
  readonly literal: string;
  /** What follows the literal; absent in the last part when the template ends with a literal. */
  readonly parameter?: Parameter | undefined;
}

/**
 * Cuts an operation's template. Names are also found behind the operators and modifiers that some documents write
 * (`{proxy+}`, `{;id*}`, `{id:[0-9]+}`); a variable that no parameter declares is a required, simple one.
 * https://spec.openapis.org/oas/v3.1.1#path-templating
 */
export function pathParts(operation: Operation): PathPart[] {
  const declared = new Map<string, Parameter>();
  for (const parameter of operation.parameters) if (parameter.in === 'path') declared.set(parameter.name, parameter);
  const parts: PathPart[] = [];
  let literal = '';
  for (const piece of operation.template.split(/(\{[^{}]*\})/)) {
    const variable = /^\{([^{}]+)\}$/.exec(piece)?.[1];
    if (variable === undefined) {
      literal += piece;
      continue;
    }
    const bare = bareName(variable);
    const parameter = declared.get(variable) ?? declared.get(bare) ?? undeclared(bare);
    parts.push({ literal: encodePathLiteral(literal), parameter });
    literal = '';
  }
  if (literal !== '') parts.push({ literal: encodePathLiteral(literal) });
  return parts;
}

/** A step in a path, which servers take before they look for what is asked for, however its dots are written. */
const STEP = /^(?:\.|%2E){1,2}$/i;
const HAS_STEP = /(?:^|\/)(?:\.|%2E){1,2}(?:\/|$)/i;

/**
 * Fills a template. A value never leaves its segment: `/` is encoded, and one that would make it a step is refused.
 * Encoding does not help there: https://url.spec.whatwg.org/#double-dot-path-segment
 * @param value the value of a parameter by name.
 * @param missing called with the name of a parameter without a value.
 * @throws Permanent naming the parameter.
 */
export function fillPath(
  parts: readonly PathPart[],
  value: (name: string) => unknown,
  missing: (name: string) => never,
): string {
  let path = '';
  let filled = false;
  for (const { literal, parameter } of parts) {
    path += literal;
    if (!parameter) continue;
    const given = value(parameter.name);
    if (!isGiven(given)) missing(parameter.name);
    path += parameterText(parameter, given);
    filled = true;
  }
  if (!filled || !HAS_STEP.test(path)) return path;
  refuseSteps(parts, value);
  // Of the template alone.
  return path.replace(/(?<=\/)\.\.(?=\/|$)/g, '%2E%2E');
}

/** @throws Permanent when values make steps of segments. */
function refuseSteps(parts: readonly PathPart[], value: (name: string) => unknown): void {
  let segment = '';
  let filledBy: Parameter | undefined;
  const refuseStep = () => {
    // A label that holds nothing.
    if (segment === '.' && filledBy?.style === 'label') return;
    if (filledBy && STEP.test(segment)) throw leaves(filledBy.name);
  };
  for (const { literal, parameter } of parts) {
    for (const [index, piece] of literal.split('/').entries()) {
      if (index > 0) {
        refuseStep();
        [segment, filledBy] = ['', undefined];
      }
      segment += piece;
    }
    if (!parameter) continue;
    segment += parameterText(parameter, value(parameter.name));
    filledBy = parameter;
  }
  refuseStep();
}

function leaves(name: string): Permanent {
  const sentence = `Expected ${name} to stay in its place in the path, got dots that servers take for a step to another.`;
  return new Permanent('PARAMETER_UNSUITABLE', sentence);
}

/**
 * The variables that stand in the query of a declared path (`/x?name={variable}`), which no path parameter can fill:
 * the names of their braces by the names of their query parameters.
 */
export function queryVariables({ path }: Operation): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const query = /\?([^#]*)/.exec(path.replace(/\{\?[^{}]*\}/g, ''))?.[1] ?? '';
  for (const [, name = '', variable = ''] of query.matchAll(/(?:^|&)([^=&{}]+)=\{([^{}]+)\}(?=&|$)/g)) {
    variables.set(name, bareName(variable));
  }
  return variables;
}

function parameterText(parameter: Parameter, value: unknown): string {
  if (parameter.contentType !== undefined) return encodeStrict(contentText(parameter, value));
  return pathText(parameter.name, value, parameter);
}

/** RFC 6570's operators and modifiers, Express' patterns, and API Gateway's greedy `+`. */
function bareName(variable: string): string {
  return variable.replace(/^[+#./;?&]/, '').replace(/(?:\*|\+|:.*)$/, '') || variable;
}

function undeclared(name: string): Parameter {
  return {
    name,
    in: 'path',
    required: true,
    style: 'simple',
    explode: false,
    allowReserved: false,
    allowEmptyValue: false,
    schema: { type: 'string', enum: null, default: null },
    example: 'x',
  };
}
