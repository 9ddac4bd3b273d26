import { isObject, own, type Json } from '../json.js';
import { text } from '../table/reading.js';
import { seen } from './type-text.js';

/** Examples and defaults longer than this, as JSON, are left out. */
const LONGEST_VALUE = 1_000;
const LINE_END = /\r\n?|[\n\u2028\u2029]/;

/** What is said of a thing beside its schema: a parameter, a body, a response, an operation. */
export function describedComment(node: Json, indent: string): string {
  return comment(described(node), indent);
}

/** What a schema says for people, and of its values what its type cannot say. */
export function schemaComment(schema: unknown, indent: string): string {
  return isObject(schema) ? comment(schemaItems(schema), indent) : '';
}

function schemaItems(schema: Json): string[] {
  const items: string[] = [];
  const title = text(schema, 'title')?.trim();
  if (title) items.push(title);
  const format = text(schema, 'format');
  if (format) items.push(`Format: ${format}`);
  items.push(...described(schema));
  for (const key of ['default', 'example']) {
    const value = own(schema, key);
    if (value === undefined || value === null) continue;
    const shown = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    if (shown.length <= LONGEST_VALUE) items.push(`@${key} ${shown.trim()}`);
  }
  return items;
}

function described(node: Json): string[] {
  const items: string[] = [];
  const summary = text(node, 'summary')?.trim();
  if (summary) items.push(summary);
  if (node.deprecated === true) items.push('@deprecated');
  const description = text(node, 'description')?.trim();
  if (description) items.push(`@description ${description}`);
  return items;
}

/** A comment above a member, which ends with the line; empty when there is nothing to say. */
function comment(items: readonly string[], indent: string): string {
  const [first] = items;
  if (first === undefined) return '';
  if (items.length === 1 && !LINE_END.test(first)) return `${indent}/** ${closed(first)} */\n`;
  let lines = '';
  for (const item of items) {
    const [head = '', ...others] = LINE_END.test(item) ? item.split(LINE_END) : [item];
    lines += `${indent} * ${closed(head)}`.trimEnd() + '\n';
    for (const line of others) lines += `${indent} *     ${closed(line)}`.trimEnd() + '\n';
  }
  return `${indent}/**\n${lines}${indent} */\n`;
}

/** What the compiler takes for an order to it, such as to overlook the next line's faults. */
const DIRECTIVE = /@(?=ts-)/g;

/** Text that cannot end the comment that it stands in, gives no orders, and that everybody reads alike. */
function closed(line: string): string {
  const text = line.includes('*/') ? line.replaceAll('*/', String.raw`*\/`) : line;
  return seen(text.includes('@ts-') ? text.replace(DIRECTIVE, String.raw`\@`) : text);
}
