import type { Operation, OperationTable } from '#core';
import { isObject, own, type Json } from '../json.js';
import { operationsOf } from '../normalise/methods.js';
import { readPathTemplate } from '../normalise/path-template.js';
import type { References } from '../normalise/references.js';
import { acceptedTypes } from './accepts.js';
import { operationBody } from './body.js';
import { operationParameters } from './parameter.js';
import { list, object, text } from './reading.js';
import { operationSecurity, tableSecuritySchemes } from './security.js';
import { tableServers } from './server.js';

/** The operation table of a normalised document: the whole of what calling it needs, as data. */
export function makeOperationTable(root: Json, references: References): OperationTable {
  const operations: Operation[] = [];
  for (const [path, item] of Object.entries(object(root, 'paths'))) {
    if (!isObject(item) || path.startsWith('x-')) continue;
    for (const { method, operation } of operationsOf(item)) {
      operations.push(tableOperation(root, path, item, method, operation, references));
    }
  }
  return {
    format: 1,
    title: text(own(root, 'info'), 'title') ?? '',
    documentVersion: text(own(root, 'info'), 'version') ?? '',
    servers: tableServers(root) ?? [],
    securitySchemes: tableSecuritySchemes(root, references),
    operations,
  };
}

function tableOperation(
  root: Json,
  path: string,
  item: Json,
  method: string,
  operation: Json,
  references: References,
): Operation {
  const parameters = operationParameters(item, operation, references);
  const declared = new Set(
    parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name),
  );
  const { template, fixedQuery } = readPathTemplate(path, declared);
  const servers = tableServers(operation) ?? tableServers(item);
  const operationId = text(operation, 'operationId');
  const summary = text(operation, 'summary') ?? text(item, 'summary');
  const tags = list(operation, 'tags').filter((tag) => typeof tag === 'string');
  const requestBody = operationBody(operation, references);
  return {
    method,
    path,
    template,
    ...(fixedQuery.length > 0 ? { fixedQuery } : {}),
    ...(operationId ? { operationId } : {}),
    ...(summary ? { summary } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...(operation.deprecated === true ? { deprecated: true } : {}),
    ...(servers === undefined ? {} : { servers }),
    parameters,
    ...(requestBody === undefined ? {} : { requestBody }),
    security: operationSecurity(root, operation),
    accepts: acceptedTypes(operation, references),
  };
}
