import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { OpenAPIV3 } from 'openapi-types';
import { toPostmanCollection } from './postman/collection.js';

const docs = join(import.meta.dirname, '../../docs');

test('the collection that is checked in is the one that the document gives; else run: npm run docs:postman', () => {
  const document = read('swagger/openapi.json') as OpenAPIV3.Document;
  expect(read('postman/callboard.postman_collection.json')).toEqual(toPostmanCollection(document));
});

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(docs, name), 'utf8'));
}
