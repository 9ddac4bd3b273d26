// Rewrites docs/swagger/ from the code. It runs what is built, since only the build emits the metadata of decorators.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'docs', 'swagger');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const { buildApiDocument } = await import(join(root, 'dist/apps/apidoc/document/api-document.js'));

const document = await buildApiDocument(version);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
await writeFile(join(folder, 'openapi.yaml'), stringify(document, { lineWidth: 120, aliasDuplicateObjects: false }));
