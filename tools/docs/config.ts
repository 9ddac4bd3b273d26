/** Rewrites `.env` and the variable table in docs/operations.md from the one table in libs/config. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderEnvFile, renderVariableTable } from '#config';

const root = join(import.meta.dirname, '../..');
const operations = join(root, 'docs/operations.md');
const marked = /(<!-- variables -->\n)[^]*(\n<!-- end of variables -->)/;

const page = await readFile(operations, 'utf8');
if (!marked.test(page)) throw new Error(`Expected the marks of the variable table in ${operations}, got none.`);
await writeFile(
  operations,
  page.replace(marked, (_, start: string, end: string) => `${start}\n${renderVariableTable()}\n${end}`),
);
await writeFile(join(root, '.env'), renderEnvFile());
