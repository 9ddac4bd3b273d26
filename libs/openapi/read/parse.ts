import yaml from 'js-yaml';
import { Permanent, messageOf } from '#core';
import { excerpt } from '../json.js';
import type { DocumentLimits } from '../limits.js';
import type { Warnings } from '../warning.js';
import { applyMends, scanJson, type JsonFault } from './json-mend.js';
import { formatPosition, Lines, positionAt } from './position.js';
import { mendYaml } from './yaml-mend.js';
import { PLAIN_SCHEMA, plainSchema } from './yaml-schema.js';

/** A value as a text holds it, before anything about it is believed. */
export interface Parsed {
  readonly value: unknown;
  /** One value may stand in several places (YAML aliases). */
  readonly mayShare: boolean;
  /** The text that was read, mends included. */
  readonly text: string;
  readonly isJson: boolean;
}

/**
 * Reads JSON, JSON with slips, or YAML. What had to be mended is listed as warnings.
 * @throws Permanent with line and column when the text is neither.
 */
export function parseText(given: string, limits: DocumentLimits, warnings: Warnings): Parsed {
  const text = given.startsWith('```') ? withoutFence(given, warnings) : given;
  const start = text.slice(0, 1024).trimStart();
  if (start === '' && text.trim() === '') {
    throw new Permanent('SPEC_EMPTY', 'Expected an OpenAPI document, got nothing but white space.');
  }
  if (start.startsWith('<')) {
    const kind = /<!doctype html|<html/i.test(start) ? 'an HTML page' : 'XML';
    throw new Permanent('SPEC_NOT_OPENAPI', `Expected an OpenAPI document in JSON or YAML, got ${kind}.`);
  }
  if (/^[{[]/.test(start)) return parseJson(text, limits, warnings);
  return parseYaml(text, limits, warnings);
}

/** What was copied out of Markdown brings its fence along; the lines keep their numbers. */
function withoutFence(text: string, warnings: Warnings): string {
  const inside = text.replace(/^```[^\n]*/, '').replace(/\n```\s*$/, '\n');
  warnings.add('syntax', '', 'A fence of Markdown around the document was left out.', { line: 1, column: 1 });
  return inside;
}

function parseJson(text: string, limits: DocumentLimits, warnings: Warnings): Parsed {
  try {
    return { value: JSON.parse(text), mayShare: false, text, isJson: true };
  } catch {
    const { mends, fault } = scanJson(text);
    if (fault !== null) return parseFlow(text, fault, limits, warnings);
    const mended = applyMends(text, mends);
    const parsed = { value: JSON.parse(mended) as unknown, mayShare: false, text: mended, isJson: true };
    const lines = new Lines(text);
    for (const mend of mends) {
      warnings.add('syntax', '', `The text is not JSON here: ${mend.what}.`, lines.at(mend.offset));
    }
    return parsed;
  }
}

/** Text that starts like JSON may be YAML in its flow style: names without quotes, strings in single ones. */
function parseFlow(text: string, fault: JsonFault, limits: DocumentLimits, warnings: Warnings): Parsed {
  const position = positionAt(text, fault.offset);
  try {
    const value = loadYaml(text, limits);
    warnings.add('syntax', '', 'The text is not JSON from here on and was read as YAML.', position);
    return { value, mayShare: true, text, isJson: false };
  } catch (cause) {
    const message = nestedTooDeep(cause)
      ? tooDeep(limits, cause)
      : `Expected ${fault.expected} at ${formatPosition(position)} of the JSON text, got ${fault.got}.`;
    throw new Permanent('SPEC_SYNTAX', message, { cause });
  }
}

function parseYaml(text: string, limits: DocumentLimits, warnings: Warnings): Parsed {
  try {
    return { value: loadYaml(text, limits, warnings), mayShare: text.includes('&'), text, isJson: false };
  } catch (cause) {
    const mended = nestedTooDeep(cause) ? null : mendYaml(text, (attempt) => loadYaml(attempt, limits), warnings);
    if (mended !== null) return { ...mended, mayShare: true, isJson: false };
    throw new Permanent('SPEC_SYNTAX', yamlSentence(cause, limits), { cause });
  }
}

function loadYaml(text: string, limits: DocumentLimits, warnings?: Warnings): unknown {
  const tags = new Set<string>();
  const options = {
    schema: text.includes('!') ? plainSchema((tag) => tags.add(tag)) : PLAIN_SCHEMA,
    // Deeper than the document may be, so that the check that names the place comes first where both would refuse.
    maxDepth: limits.maxDepth * 2,
    maxTotalMergeKeys: limits.maxAliasedValues,
  };
  const documents = loadAll(text, options, warnings);
  for (const tag of tags) tellTag(tag, text, warnings);
  const filled = documents.filter((document) => document !== null && document !== undefined);
  if (filled.length > 1) {
    warnings?.add('syntax', '', `The text holds ${filled.length} YAML documents; only the first was read.`);
  }
  return filled[0];
}

/** A key that stands twice is an error unless it is asked for, and then the last one counts, as in JSON. */
function loadAll(text: string, options: yaml.LoadOptions, warnings?: Warnings): unknown[] {
  try {
    return yaml.loadAll(text, null, options);
  } catch (fault) {
    if (!(fault instanceof yaml.YAMLException) || fault.reason !== 'duplicated mapping key') throw fault;
    const documents = yaml.loadAll(text, null, { ...options, json: true });
    const { line, column } = fault.mark;
    const message = 'This key, and maybe others further on, stood there before; the last one counts.';
    warnings?.add('syntax', '', message, { line: line + 1, column: column + 1 });
    return documents;
  }
}

function tellTag(tag: string, text: string, warnings?: Warnings): void {
  const shown = excerpt(tag.replace('tag:yaml.org,2002:', '!!'), 40);
  const offset = text.indexOf(shown);
  const message = `The tag \`${shown}\` was passed over: OpenAPI has JSON's values only.`;
  warnings?.add('syntax', '', message, offset < 0 ? undefined : positionAt(text, offset));
}

function yamlSentence(cause: unknown, limits: DocumentLimits): string {
  if (nestedTooDeep(cause)) return tooDeep(limits, cause);
  if (!(cause instanceof yaml.YAMLException)) return `Expected well-formed YAML, got: ${messageOf(cause)}.`;
  const mark = cause.mark as yaml.Mark | undefined;
  const place = mark ? ` at ${formatPosition({ line: mark.line + 1, column: mark.column + 1 })}` : '';
  const reason = cause.reason
    .replace(/\s+/g, ' ')
    .replace(/<[^>]*>/g, '')
    .trim();
  return `Expected well-formed YAML, got a fault${place}: ${reason}.`;
}

function nestedTooDeep(cause: unknown): boolean {
  if (cause instanceof RangeError) return true;
  return cause instanceof yaml.YAMLException && cause.reason.includes('maxDepth');
}

function tooDeep(limits: DocumentLimits, cause: unknown): string {
  const mark = cause instanceof yaml.YAMLException ? (cause.mark as yaml.Mark | undefined) : undefined;
  const place = mark ? ` at ${formatPosition({ line: mark.line + 1, column: mark.column + 1 })}` : '';
  return `Expected values nested at most ${limits.maxDepth} deep, got deeper ones${place}.`;
}
