/** Rewrites docs/postman/callboard.postman_collection.json from docs/swagger/openapi.json. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenAPIV3 } from 'openapi-types';
import { toPostmanCollection } from './postman/collection.js';

const docs = join(import.meta.dirname, '../../docs');
const document = JSON.parse(await readFile(join(docs, 'swagger/openapi.json'), 'utf8')) as OpenAPIV3.Document;
const collection = toPostmanCollection(document);
await writeFile(join(docs, 'postman/callboard.postman_collection.json'), `${JSON.stringify(collection, null, 2)}\n`);
