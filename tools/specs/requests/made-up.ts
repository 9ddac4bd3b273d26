import type { Random } from './random.js';
import type { Json } from './sample.js';

/** Names that people give to parameters, and some that only a test would. */
const NAMES = [
  'id',
  'color',
  'a.b',
  'a-b',
  'a_b',
  'filter[name]',
  'ids[]',
  '$top',
  'user name',
  'größe',
  '@type',
  'x:y',
  'constructor',
  '__proto__',
  'q&a',
  'a+b',
] as const;
const PLAIN_NAMES = ['id', 'color', 'a.b', 'a-b', 'a_b', 'größe', '$top', 'x-y', 'constructor'] as const;
const HEADER_NAMES = ['X-Id', 'x_list', 'X-Color', 'If-Match', 'x.y', "X-O'Brien"] as const;
const COOKIE_NAMES = ['session', 'csrf-token', 'a.b', 'theme'] as const;
const PATHS = [
  '/p/{1}',
  '/p/{1}/x/{2}',
  '/{1}.{2}',
  "/odata('{1}')/x",
  '/é b/{1}/',
  '/v1/{1}:cancel',
  '/a;b/{1}',
  '/p/{1}?fixed=a%20b&k=1',
  '/p/{1}#Action=Do',
  '/~{1}/$x',
  '/files/{1}.json',
] as const;
const JSON_TYPES = [
  'application/json',
  'application/vnd.x+json',
  'application/json; charset=utf-8',
  'application/json-patch+json',
] as const;
const OTHER_TYPES = [
  'text/plain',
  'application/xml',
  'text/csv',
  'application/octet-stream',
  'image/*',
  '*/*',
  'application/x-ndjson',
  'application/pdf',
  'text/*',
] as const;

/** An OpenAPI document that nobody wrote: each of its operations mixes styles, places, schemas and media types. */
export class DocumentMaker {
  constructor(private readonly random: Random) {}

  document(operations: number): Json {
    return this.random.chance(0.3) ? this.swagger(operations) : this.openapi(operations);
  }

  private openapi(operations: number): Json {
    const openapi = this.random.pick(['3.0.3', '3.1.1', '3.2.0']);
    const paths: Json = {};
    for (let i = 0; i < operations; i += 1) {
      const { path, names } = this.path(i);
      const parameters = [
        ...names.map((name) => this.parameter('path', name)),
        ...this.several(NAMES, 4).map((name) => this.parameter('query', name)),
        ...this.several(HEADER_NAMES, 2).map((name) => this.parameter('header', name)),
        ...this.several(COOKIE_NAMES, 2).map((name) => this.parameter('cookie', name)),
      ];
      const shared = parameters.filter(() => this.random.chance(0.3));
      const operation: Json = {
        parameters: parameters.filter((parameter) => !shared.includes(parameter)),
        security: this.security(),
        responses: { 200: { description: 'ok' } },
        ...(this.random.chance(0.6) ? { requestBody: this.body() } : {}),
      };
      paths[path] = { parameters: shared, [this.random.pick(['post', 'put', 'patch', 'delete'])]: operation };
    }
    const securitySchemes = {
      'the key': { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      query: { type: 'apiKey', in: 'query', name: 'api key' },
      cookie: { type: 'apiKey', in: 'cookie', name: 'auth' },
      basic: { type: 'http', scheme: 'Basic' },
      bearer: { type: 'http', scheme: 'bearer' },
      oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://h/token', scopes: { all: '' } } } },
    };
    return {
      openapi,
      info: { title: 'x', version: '1' },
      servers: [{ url: '/v1' }],
      paths,
      components: { securitySchemes },
    };
  }

  private path(index: number): { path: string; names: string[] } {
    const names: string[] = [];
    const path = this.random.pick(PATHS).replace(/\{[12]\}/g, () => {
      const name = `${this.random.pick(PLAIN_NAMES)}${names.length}`;
      names.push(name);
      return `{${name}}`;
    });
    return { path: `/o${index}${path}`, names };
  }

  private parameter(place: 'path' | 'query' | 'header' | 'cookie', name: string): Json {
    const base = { name, in: place, required: place === 'path' || this.random.chance(0.3) };
    if (this.random.chance(0.1)) {
      return {
        ...base,
        content: { [this.random.pick(['application/json', 'application/vnd.x+json'])]: { schema: this.schema(2) } },
      };
    }
    const style = this.random.pick(
      {
        path: ['simple', 'label', 'matrix'],
        query: ['form', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
        header: ['simple'],
        cookie: ['form'],
      }[place],
    );
    return {
      ...base,
      schema: this.schema(style === 'deepObject' ? 2 : 1),
      ...(this.random.chance(0.7) ? { style } : {}),
      ...(this.random.chance(0.6) ? { explode: this.random.chance(0.5) } : {}),
      ...(place === 'query' && this.random.chance(0.15) ? { allowReserved: true } : {}),
      ...(place === 'query' && this.random.chance(0.15) ? { allowEmptyValue: true } : {}),
    };
  }

  private schema(depth: number): Json {
    const kind = this.random.pick(['string', 'string', 'integer', 'number', 'boolean', 'array', 'object', 'enum']);
    if (kind === 'enum') return { type: 'string', enum: ['a', 'b c', 'd,e', 'f/g', ''] };
    if (kind === 'array') return { type: 'array', items: depth > 0 ? this.schema(depth - 1) : { type: 'string' } };
    if (kind !== 'object') return { type: kind };
    const names = this.several(PLAIN_NAMES, 3);
    const properties = Object.fromEntries(
      names.map((name) => [name, depth > 0 ? this.schema(depth - 1) : { type: 'string' }]),
    );
    return { type: 'object', properties, required: names.slice(0, 1) };
  }

  private body(): Json {
    const kinds = [
      this.random.pick(JSON_TYPES),
      this.random.pick(OTHER_TYPES),
      'multipart/form-data',
      'application/x-www-form-urlencoded',
    ];
    const types = kinds.filter(() => this.random.chance(0.4));
    const content = (types.length > 0 ? types : ['application/json']).map((type): [string, Json] => {
      if (/^multipart|urlencoded/.test(type)) return [type, this.form(type)];
      if (type.includes('json') || type === '*/*') return [type, { schema: this.schema(3) }];
      return [type, { schema: { type: 'string', ...(/octet|image|pdf/.test(type) ? { format: 'binary' } : {}) } }];
    });
    return { required: this.random.chance(0.7), content: Object.fromEntries(content) };
  }

  private form(type: string): Json {
    const names = [...this.several(PLAIN_NAMES, 4), 'must'];
    const properties: Json = Object.fromEntries(names.map((name) => [name, this.schema(2)]));
    if (type.startsWith('multipart') && this.random.chance(0.6)) {
      properties.file = { type: 'string', format: 'binary' };
      properties.files = { type: 'array', items: { type: 'string', format: 'binary' } };
    }
    const encoding = names
      .filter(() => this.random.chance(0.4))
      .map((name): [string, Json] => [
        name,
        this.random.pick<Json>([
          { style: 'form', explode: false },
          { style: 'form', explode: true },
          { style: 'deepObject', explode: true },
          { style: 'pipeDelimited' },
          { allowReserved: true },
          { contentType: 'application/json' },
        ]),
      ]);
    return { schema: { type: 'object', properties, required: ['must'] }, encoding: Object.fromEntries(encoding) };
  }

  private security(): Json[] {
    const one = (): Json =>
      Object.fromEntries(
        this.several(['the key', 'query', 'cookie', 'basic', 'bearer', 'oauth'] as const, 2).map((name) => [name, []]),
      );
    return this.random.chance(0.5) ? [one(), one()] : [];
  }

  /** https://spec.openapis.org/oas/v2.0 */
  private swagger(operations: number): Json {
    const paths: Json = {};
    for (let i = 0; i < operations; i += 1) {
      const { path, names } = this.path(i);
      const hasForm = this.random.chance(0.5);
      const isMultipart = this.random.chance(0.5);
      const parameters = [
        ...names.map((name) => this.simple('path', name)),
        ...this.several(NAMES, 4).map((name) => this.simple('query', name)),
        ...this.several(HEADER_NAMES, 2).map((name) => this.simple('header', name)),
        ...(hasForm ? this.several(PLAIN_NAMES, 3).map((name) => this.simple('formData', name)) : []),
        ...(hasForm && isMultipart ? [{ name: 'upload', in: 'formData', type: 'file' }] : []),
        ...(hasForm || this.random.chance(0.4) ? [] : [{ name: 'body', in: 'body', schema: this.schema(3) }]),
      ];
      const consumes = hasForm
        ? [isMultipart ? 'multipart/form-data' : 'application/x-www-form-urlencoded']
        : ['application/json'];
      const said = !hasForm && this.random.chance(0.5) ? {} : { consumes };
      const security = this.random.chance(0.5) ? [{ 'my key': [] }] : [{ 'a b': [] }];
      paths[path] = {
        [this.random.pick(['post', 'put'])]: {
          ...said,
          parameters,
          security,
          responses: { 200: { description: 'ok' } },
        },
      };
    }
    const securityDefinitions = { 'my key': { type: 'apiKey', in: 'query', name: 'k' }, 'a b': { type: 'basic' } };
    return { swagger: '2.0', info: { title: 'x', version: '1' }, basePath: '/v1', paths, securityDefinitions };
  }

  private simple(place: string, name: string): Json {
    const base = { name, in: place, required: place === 'path' || this.random.chance(0.3) };
    if (!this.random.chance(0.5))
      return { ...base, type: this.random.pick(['string', 'integer', 'number', 'boolean']) };
    const formats = ['csv', 'ssv', 'tsv', 'pipes', ...(place === 'query' || place === 'formData' ? ['multi'] : [])];
    const collectionFormat = this.random.chance(0.8) ? { collectionFormat: this.random.pick(formats) } : {};
    return { ...base, type: 'array', items: { type: this.random.pick(['string', 'integer']) }, ...collectionFormat };
  }

  private several<T>(items: readonly T[], most: number): T[] {
    const count = Math.floor(this.random.next() * (most + 1));
    return [...items].sort(() => this.random.next() - 0.5).slice(0, count);
  }
}
