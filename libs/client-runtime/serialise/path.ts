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

/**
 * Fills a template. A value never leaves its segment: `/` is encoded, and so is a value of `.` or `..`.
 * @param value the value of a parameter by name.
 * @param missing called with the name of a parameter without a value.
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
  return filled && path.includes('/..') ? path.replace(/(?<=\/)\.\.(?=\/|$)/g, '%2E%2E') : path;
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
  const text = pathText(parameter.name, value, parameter);
  return text === '.' && parameter.style !== 'label' ? '%2E' : text === '..' ? '%2E%2E' : text;
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
