import { isNode } from '../anatomy.js';
import {
  ODD_NAMES,
  ODD_TYPES,
  ODD_VALUES,
  ODD_REFS,
  contents,
  drop,
  media,
  operations,
  parameters,
  reference,
  renameKey,
  responses,
  set,
  type Mutation,
} from './odd.js';
import { pick } from '../random.js';

/** Of operations, parameters, bodies and responses. */
export const OPERATION_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'operationIds alike': (_, anatomy) => {
    for (const node of operations(anatomy).slice(0, 50)) node.operationId = 'same';
  },
  'operationId odd': set(operations, 'operationId', [...ODD_NAMES, null, 7, {}]),
  'operation odd': (_, anatomy, random) => {
    const item = pick(random, anatomy.pathItems);
    if (item) item[pick(random, ['get', 'post', 'trace', 'foo']) ?? ''] = structuredClone(pick(random, ODD_VALUES));
  },
  'operation reference': (_, anatomy, random) => {
    const item = pick(random, anatomy.pathItems);
    if (item) item.patch = { $ref: pick(random, ['#/paths/~1x/get', '#/x-ops/a', './a.yaml']) };
  },
  'parameter without schema': drop(parameters, 'schema', 'type', 'items', 'content'),
  'parameter without place': drop(parameters, 'in'),
  'parameter without name': drop(parameters, 'name'),
  'parameter odd place': set(parameters, 'in', [
    'Query',
    'HEADER',
    'form',
    'formdata',
    'body',
    'url',
    'cookie',
    'path',
    'header',
    null,
  ]),
  'parameter odd name': set(parameters, 'name', [...ODD_NAMES, 'Content-Type', 'Authorization', 7, null]),
  'parameter object': set(parameters, 'type', ['object', 'array', ...ODD_TYPES]),
  'parameter required odd': set(parameters, 'required', ['true', 'false', 'yes', 1, 0, null, ['a']]),
  'parameter schema odd': set(parameters, 'schema', [
    ...ODD_VALUES,
    'string',
    { type: 'object', properties: { a: {} } },
  ]),
  'parameter schema reference': (_, anatomy, random) => {
    const node = pick(random, anatomy.parameters);
    if (node) node.schema = { $ref: random() < 0.7 ? reference(anatomy, random) : pick(random, ODD_REFS) };
  },
  'parameter style odd': set(parameters, 'style', ['form', 'deepObject', 'simple', 'foo', 7, null, 'matrix', 'cookie']),
  'parameter collectionFormat odd': set(parameters, 'collectionFormat', ['csv', 'multi', 'tsv', 'foo', 7, null]),
  'parameter default odd': set(parameters, 'default', ODD_VALUES),
  'parameter enum odd': set(parameters, 'enum', [[], [null], 'a', {}, [1, '1', true, null], [[]], [{}]]),
  'parameter content': set(parameters, 'content', [
    ...ODD_VALUES,
    { 'application/json': { schema: { type: 'object' } } },
  ]),
  'parameter items odd': set(parameters, 'items', [...ODD_VALUES, [{ type: 'string' }], 'string']),
  'parameter twice': (_, anatomy, random) => {
    const list = pick(random, anatomy.parameterLists);
    if (list && list.length > 0) list.push(structuredClone(list[0]));
  },
  'parameter list odd': set(operations, 'parameters', [
    ...ODD_VALUES,
    [null, 7, 'x', [], {}],
    { a: { in: 'query', name: 'a' } },
  ]),
  'parameter reference odd': (_, anatomy, random) =>
    pick(random, anatomy.parameterLists)?.push({ $ref: pick(random, ODD_REFS) }),
  'undeclared variable': (root, anatomy, random) => {
    const path = pick(random, anatomy.operations)?.path;
    if (path !== undefined && isNode(root.paths))
      root.paths[`${path}/{undeclared}`] = structuredClone(root.paths[path]);
  },
  'body of GET': (_, anatomy, random) => {
    const get = pick(
      random,
      anatomy.operations.filter(({ method }) => method === 'get'),
    )?.node;
    if (!get) return;
    get.requestBody = { content: { 'application/json': { schema: { type: 'object' } } } };
    if (Array.isArray(get.parameters)) get.parameters.push({ in: 'body', name: 'b', schema: { type: 'object' } });
  },
  'form and body': (_, anatomy, random) =>
    pick(random, anatomy.parameterLists)?.push(
      { in: 'formData', name: 'f', type: 'file' },
      { in: 'body', name: 'b', schema: { type: 'object' } },
      { in: 'formData', name: 'g', type: 'array', items: { type: 'string' } },
    ),
  'body odd': set(operations, 'requestBody', [
    ...ODD_VALUES,
    { content: [] },
    { content: {} },
    { content: { '': {} } },
    { schema: {} },
    { content: { 'application/json': 'x' } },
  ]),
  'body without schema': drop(media, 'schema'),
  'media type odd': (_, anatomy, random) =>
    renameKey(pick(random, contents(anatomy)), random, [
      'json',
      'text/',
      '/',
      '*/*',
      'application/json; charset=utf-8',
      'application/json;v=1',
      '*',
      'a/b c',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
    ]),
  'media type example odd': set(media, 'examples', [
    ...ODD_VALUES,
    ['a'],
    { a: null },
    { a: { $ref: '#/nowhere' } },
    { a: 'x' },
  ]),
  'encoding odd': set(media, 'encoding', [...ODD_VALUES, { a: null }, { a: { contentType: [] } }, { a: { style: 7 } }]),
  'responses gone': drop(operations, 'responses'),
  'responses odd': set(operations, 'responses', [
    ...ODD_VALUES,
    { 200: null },
    { ok: {} },
    { 2: {} },
    { '2XX': 'x' },
    { default: { $ref: '#/x' } },
    { '200 OK': { description: 1 } },
  ]),
  'response without description': drop(responses, 'description'),
  'response schema odd': set(responses, 'schema', [...ODD_VALUES, { type: 'file' }]),
  'response headers odd': set(responses, 'headers', [
    ...ODD_VALUES,
    ['a'],
    { 'X-A': null, 'Status Code': { type: 'string' } },
    { a: { type: 'array' } },
    { a: 'x' },
  ]),
  'response examples odd': set(responses, 'examples', [...ODD_VALUES, { 'application/json': { $ref: '#/x' } }]),
  'response links odd': set(responses, 'links', ODD_VALUES),
  'operation consumes odd': set(operations, 'consumes', [
    [],
    'application/json',
    [null, 7],
    {},
    ['multipart/form-data'],
    ['application/xml', 'application/json'],
    ['application/json', 'application/json'],
  ]),
  'operation produces odd': set(operations, 'produces', [[], 'application/json', [null], {}, ['', 'a']]),
  'callbacks odd': set(operations, 'callbacks', ODD_VALUES),
  'comments odd': set(operations, 'description', ['*/ x', 7, null, {}, ['a'], 'a\u2028b', '\ud800', '`${x}`']),
  'deprecated odd': set(operations, 'deprecated', ['true', 1, null]),
};
