import { isNode } from '../anatomy.js';
import { ODD_NAMES, ODD_VALUES, drop, operations, pathItems, renameKey, schemes, set, type Mutation } from './odd.js';
import { pick } from '../random.js';

/** Of the document as a whole, its paths and its security. */
export const DOCUMENT_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'info gone': (root) => void Reflect.deleteProperty(root, 'info'),
  'info odd': (root, _, random) => void (root.info = pick(random, ODD_VALUES)),
  'host gone': (root) => void Reflect.deleteProperty(root, 'host'),
  'basePath odd': (root, _, random) => void (root.basePath = pick(random, ['', '/', 'v1', '//', 7, null, '/{x}'])),
  'schemes odd': (root, _, random) => void (root.schemes = pick(random, [[], 'https', ['HTTPS'], ['ftp'], null, {}])),
  'consumes odd': (root, _, random) =>
    void (root.consumes = pick(random, [[], 'application/json', [null], {}, ['multipart/form-data'], ['*/*'], ['x']])),
  'produces gone': (root) => void Reflect.deleteProperty(root, 'produces'),
  'servers odd': (root, _, random) =>
    void (root.servers = pick(random, [
      [],
      {},
      '',
      [{}],
      [{ url: '/' }],
      [{ url: '{a}' }],
      [{ url: 'x', variables: [] }],
    ])),
  'tags odd': (root, _, random) => void (root.tags = pick(random, ODD_VALUES)),
  'version careless': (root, { isSwagger }, random) => {
    if (isSwagger) root.swagger = pick(random, [2, '2', 2.0, 'v2.0', '2.0.0', ' 2.0 ']);
    else root.openapi = pick(random, [3, '3', '3.0', 3.1, 'v3.0.1', '3.0.x', '3.1', '3.2.0', '3.0.0-rc1']);
  },
  'security unknown': (root, anatomy, random) => {
    const value: unknown[] = [{ nowhere: [] }, { '': [] }, 'x', null, { constructor: ['a'] }, {}];
    const target = random() < 0.5 ? root : (pick(random, operations(anatomy)) ?? root);
    target.security = pick(random, [value, value[0], [value[0]], 'x', [[]]]);
  },
  'scheme type odd': set(schemes, 'type', ['apikey', 'APIKEY', 'bearer', 'basic', 'OAuth2', 'jwt', '', null, {}]),
  'scheme part gone': drop(schemes, 'in', 'name', 'flow', 'flows', 'scopes'),
  'scheme scopes odd': set(schemes, 'scopes', [[], ['a'], 'a b', null, { a: null }, { a: {} }]),
  'extensions everywhere': (root, anatomy) => {
    const nodes = [root, ...anatomy.schemas, ...anatomy.parameters, ...anatomy.responses, ...operations(anatomy)];
    for (const node of nodes.slice(0, 200)) node['x-odd'] = { $ref: '#/nowhere', type: 7, 'x-': null };
    if (isNode(root.paths)) root.paths['x-odd'] = [null];
  },
  'path without slash': (root, _, random) => renameKey(root.paths, random, ['a', 'a/b', '{x}', '']),
  'path odd': (root, _, random) =>
    renameKey(root.paths, random, [
      '/{x',
      '/x}',
      '/{}',
      '/{x}/{x}',
      '/a?b={c}',
      '/a#b',
      '/{a}{b}',
      '/:id',
      '/{a:.*}',
      '/ü',
      '//',
      '/a\nb',
      '/*/',
      '/{+a}{?b,c}',
      '/{a: [\\w]{1,2}}',
      '/{{a}}',
      '/`${x}`',
      '/a%20b',
      '/{a b}',
      '/{*x}',
      '/a/',
    ]),
  'path item odd': (root, _, random) => {
    if (isNode(root.paths)) root.paths['/odd'] = structuredClone(pick(random, ODD_VALUES));
  },
  'path twice but for its variable': (root, _, random) => {
    const path = isNode(root.paths) ? pick(random, Object.keys(root.paths)) : undefined;
    if (path !== undefined && isNode(root.paths))
      root.paths[path.replace(/\{[^}]*\}/, '{other}')] = structuredClone(root.paths[path]);
  },
  'paths odd': (root, _, random) => void (root.paths = random() < 0.2 ? pick(random, ODD_VALUES) : root.paths),
  'method in capitals': (_, anatomy, random) => {
    const item = pick(random, anatomy.pathItems);
    const method = item && pick(random, Object.keys(item));
    if (item && method) item[method.toUpperCase()] = item[method];
    if (item && method) Reflect.deleteProperty(item, method);
  },
  'path item reference': set(pathItems, '$ref', ['#/paths/~1x', './x.yaml', 'https://x/y', '#/x-items/a']),
  'named schema renamed': (_, anatomy, random) => renameKey(anatomy.named, random, ODD_NAMES),
  'named schema odd': (_, anatomy, random) => {
    const name = pick(random, Object.keys(anatomy.named));
    if (name !== undefined) anatomy.named[name] = structuredClone(pick(random, ODD_VALUES));
  },
  'names alike': (_, anatomy) => {
    for (const name of Object.keys(anatomy.named).slice(0, 20)) {
      anatomy.named[name.replace(/[A-Z]/, ' ')] ??= { type: 'string' };
      anatomy.named[name.toLowerCase()] ??= { type: 'integer' };
    }
  },
};
