import type { Operation } from '#core';
import type { GivenBody, GivenParameter } from './given.js';
import { encodingStyle } from './read-body.js';
import { isNothing, textOf, withoutNulls } from './read-styles.js';
import { isObject, objectField } from './sample.js';

/** Why no reader could read a call back, whoever wrote it; undefined where one could. */
export function unreadable(
  parameters: readonly GivenParameter[],
  body: GivenBody | undefined,
  operation: Operation,
): string | undefined {
  const all = [...parameters, ...fieldsOf(body)];
  const reasons = [...all.map(unreadableParameter), collision(all, operation), crowded(parameters, operation.template)];
  return reasons.find((reason) => reason !== undefined);
}

/** What is written encoded, so that nobody can tell it from one in an item. */
const DELIMITERS: Readonly<Record<string, string>> = { spaceDelimited: ' ', pipeDelimited: '|', tabDelimited: '\t' };

/** Where the standard's own rules lose a value: whatever is sent, it reads as another one. */
function unreadableParameter(parameter: GivenParameter): string | undefined {
  const { in: place, style, contentType } = parameter;
  const value = withoutNulls(parameter.value);
  const texts = contentType === undefined ? flatTexts(value) : [];
  if (place === 'path' && /^\.{1,2}$/.test(texts.join())) return 'dots that are a step of a path';
  if (place === 'header') {
    // The delimiter of Swagger 2.0's ssv and tsv at an edge is what a header's reader cuts off.
    const isSpaced = style.style === 'spaceDelimited' || style.style === 'tabDelimited';
    if (isSpaced && typeof value === 'object' && [texts[0], texts.at(-1)].includes(''))
      return 'a space at the edge of a header';
    if (texts.some((text) => /[^\t\x20-\x7e\u0080-\u00ff]/u.test(text))) return 'a character that no header may hold';
    if (/^\s|\s$/.test(textOf(value)) || texts.some((text) => /^\s|\s$/.test(text)))
      return 'a space at the edge of a header';
    if (typeof value === 'object' && texts.some((text) => /[,|=\t ]/.test(text)))
      return 'a delimiter in an item of a header';
  }
  if (typeof value === 'object' && !style.explode && style.style !== 'deepObject') {
    const delimiter = DELIMITERS[style.style] ?? (place === 'part' ? ',' : undefined);
    if (delimiter !== undefined && texts.some((text) => text.includes(delimiter))) return 'a delimiter in an item';
  }
  if (parameter.node.allowReserved === true && texts.some((text) => /%[0-9A-Fa-f]{2}/.test(text))) {
    return 'a percent triple where reserved characters are allowed';
  }
  return undefined;
}

function flatTexts(value: unknown): string[] {
  if (isNothing(value)) return [];
  if (Array.isArray(value)) return value.map(textOf);
  return isObject(value) ? Object.entries(value).flat().map(textOf) : [textOf(value)];
}

/** The fields of a form, in the place `form` or `part`, as if they were parameters. */
function fieldsOf(body: GivenBody | undefined): GivenParameter[] {
  if (!body || !isObject(body.value) || !/^(multipart\/|application\/x-www-form-urlencoded)/.test(body.contentType))
    return [];
  return Object.entries(body.value).map(([name, value]) => {
    const node = objectField(objectField(body.media, 'encoding'), name);
    const style = encodingStyle(node);
    const contentType = style ? undefined : 'by content';
    const place = body.contentType.startsWith('multipart') ? 'part' : 'form';
    return { node, in: place, name, style: style ?? { style: 'form', explode: true }, contentType, value };
  });
}

/** An exploded object gives its own names to the pairs. */
function collision(parameters: readonly GivenParameter[], operation: Operation): string | undefined {
  for (const place of ['query', 'cookie', 'form', 'part']) {
    const fixed = place === 'query' ? (operation.fixedQuery ?? []).map(([name]) => name) : [];
    const names = new Set(fixed.filter((name) => !parameters.some((parameter) => parameter.name === name)));
    for (const { in: at, name, value, style, contentType } of parameters) {
      if (at !== place) continue;
      const spread = isObject(value) && style.explode && style.style !== 'deepObject' && contentType === undefined;
      for (const key of spread ? Object.keys(value) : [name]) {
        if (names.has(key)) return 'an exploded object with the name of another parameter';
        names.add(key);
      }
    }
  }
  return undefined;
}

/** Two variables in one segment are told apart by what stands between them, which a style may also write. */
function crowded(parameters: readonly GivenParameter[], template: string): string | undefined {
  const isPlain = (name: string): boolean =>
    parameters.some(
      (parameter) => parameter.in === 'path' && parameter.name === name && parameter.style.style === 'simple',
    );
  const isUnclear = template.split('/').some((segment) => {
    const names = [...segment.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');
    return names.length > 1 && (segment.includes('}{') || !names.every(isPlain));
  });
  return isUnclear ? 'two variables in one segment' : undefined;
}
