import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SCOPES } from '#core';
import type { Scope } from '#core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { parse } from 'yaml';
import { buildApiDocument } from './api-document.js';
import { operationsOf } from './finish-document.js';
import type { Draft } from './finish-document.js';

const root = join(import.meta.dirname, '../../..');
const { version } = JSON.parse(read('package.json')) as { version: string };
const document = await buildApiDocument(version);
const operations = operationsOf(document as OpenAPIObject & Draft);

test('what is checked in is what the code gives; else run: npm run docs:openapi', () => {
  const given: unknown = JSON.parse(JSON.stringify(document));
  expect(JSON.parse(read('docs/swagger/openapi.json'))).toEqual(given);
  expect(parse(read('docs/swagger/openapi.yaml'))).toEqual(given);
});

test('every operation has a name of its own, a summary and a tag', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(operations.length);
  for (const operation of operations) {
    expect(operation).toMatchObject({
      operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
      summary: expect.any(String),
    });
    expect(document.tags?.map(({ name }) => name)).toEqual(expect.arrayContaining([...(operation.tags ?? ['none'])]));
  }
});

test('every answer carries X-Trace-Id, every 401 says how to authenticate, every 503 when to try again', () => {
  for (const { responses } of operations) {
    for (const [status, { headers }] of Object.entries(responses)) {
      expect(headers).toHaveProperty('X-Trace-Id');
      if (status === '401') expect(headers).toHaveProperty('WWW-Authenticate');
      if (status === '503') expect(headers).toHaveProperty('Retry-After');
    }
  }
});

const OPEN = ['ping', 'getLiveness', 'getHealth'];

test('all but the ping and health needs credentials, and says which scope', () => {
  for (const { operationId = '', security, responses, 'x-scope': scope } of operations) {
    const isOpen = OPEN.includes(operationId);
    const proofs = Object.assign({}, ...(security as object[])) as object;
    expect([operationId, proofs]).toEqual([operationId, isOpen ? {} : { basic: [], key: [] }]);
    expect(security).toHaveLength(isOpen ? 0 : 2);
    expect([operationId, SCOPES.includes(scope as Scope)]).toEqual([operationId, !isOpen]);
    expect('403' in responses).toBe(!isOpen);
    // That of health may be asked to be closed.
    expect('401' in responses).toBe(operationId === 'getHealth' || !isOpen);
  }
});

test('every body in JSON, asked or answered, has an example', () => {
  for (const { operationId, requestBody, responses } of operations) {
    for (const content of [requestBody?.content, ...Object.values(responses).map((answer) => answer.content)]) {
      const json = content?.['application/json'];
      if (json) expect([operationId, json.example ?? json.examples]).not.toEqual([operationId, undefined]);
    }
  }
});

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
