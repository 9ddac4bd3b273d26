import { MARK, SHARED_NAMES } from './texts.js';

/** A document in whatever way of writing. */
export type Trick = readonly [name: string, text: string | Buffer];

const OK = { 200: { description: 'OK' } };
const SMALL = `openapi: 3.1.0\ninfo: {title: x, version: "1"}\npaths: {/a: {get: {responses: {200: {description: x}}}}}\n`;

function document(server: string, rest: object): string {
  const root = { openapi: '3.1.0', info: { title: 'x', version: '1' }, servers: [{ url: server }] };
  return JSON.stringify({ ...root, paths: { '/a': { get: { responses: OK } } }, ...rest });
}

/** Names that change what objects share, each as every kind of name, in JSON and in YAML. */
export function pollution(server: string): readonly Trick[] {
  const value = '{"polluted": "yes", "type": "object", "get": {"responses": {}}, "$ref": "#/x"}';
  const json = (name: string): string => `{
    "openapi": "3.0.3", "${name}": ${value}, "info": {"title": "x", "version": "1", "${name}": ${value}},
    "servers": [{"url": "${server}", "variables": {"${name}": {"default": "x"}}}],
    "paths": {"${name}": ${value}, "/${name}": {"${name}": ${value}, "get": {"operationId": "${name}", "tags": ["${name}"],
      "parameters": [{"name": "${name}", "in": "query", "schema": {"type": "object", "properties": {"${name}": ${value}}}},
        {"name": "${name}", "in": "header", "example": ${value}}, {"name": "${name}", "in": "cookie", "schema": {"default": ${value}}}],
      "security": [{"${name}": []}],
      "responses": {"${name}": ${value}, "200": {"description": "x", "headers": {"${name}": ${value}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/${name}"}, "examples": {"${name}": ${value}}}}}}}}},
    "components": {"schemas": {"${name}": {"type": "object", "properties": {"${name}": {"type": "string"}, "a": {"default": ${value}}},
        "required": ["${name}"], "discriminator": {"propertyName": "${name}", "mapping": {"${name}": "${name}"}}}},
      "securitySchemes": {"${name}": {"type": "apiKey", "in": "header", "name": "${name}"}}, "parameters": {"${name}": ${value}}}}`;
  const yaml = (name: string): string =>
    `${SMALL}${name}: {polluted: yes}\nx-a: &a {${name}: {polluted: yes}}\nx-b: {<<: *a}\n` +
    `x-c: {<<: [*a, {${name}: {constructor: {prototype: {polluted: yes}}}}]}\ncomponents:\n  schemas:\n    ${name}: {type: object, ${name}: {polluted: yes}}\n    A: {properties: {${name}: {<<: *a}}}\n`;
  return [
    ...SHARED_NAMES.map((name): Trick => [`${name} in JSON`, json(name)]),
    ...SHARED_NAMES.map((name): Trick => [`${name} in YAML`, yaml(name)]),
    ['__proto__ written with escapes', json('\\u005f_proto__')],
    ['__proto__ twice', `{"openapi":"3.0.3","paths":{},"__proto__":{"polluted":1},"__proto__":{"polluted":2}}`],
    ['a path of names in a reference', document(server, { 'x-a': { $ref: '#/__proto__/polluted' } })],
    [
      'references through what objects share',
      document(server, {
        paths: {
          '/a': { $ref: '#/paths/constructor/prototype' },
          '/b': { get: { parameters: [{ $ref: '#/components/__proto__' }], responses: OK } },
        },
        components: { schemas: { A: { $ref: '#/components/schemas/toString' }, B: { $ref: '#/constructor' } } },
      }),
    ],
  ];
}

/** What YAML can do beside being JSON. */
export function yamlTricks(): readonly Trick[] {
  const code = `globalThis.${MARK} = 1`;
  const tags = [
    `!!js/function 'function () { ${code} }'`,
    `!!js/regexp '/(a+)+$/'`,
    `!!js/undefined ''`,
    `!<tag:yaml.org,2002:js/function> 'function () { ${code} }'`,
    `!!python/object/apply:os.system ['touch ${MARK}']`,
    `!ruby/object:Gem::Installer {i: x}`,
    `!!java.net.URLClassLoader [[!!java.net.URL ["http://127.0.0.1:9/"]]]`,
    `!include /etc/passwd`,
    `!!binary "${'/'.repeat(1_000)}!"`,
    `!!set {a, b}`,
    `!!omap [a: 1, a: 2]`,
    `!!timestamp 9999-99-99`,
    `!!float .inf`,
    `!!int 0b${'1'.repeat(5_000)}`,
    `!!merge x`,
  ];
  return [
    ...tags.map((tag): Trick => [`the tag ${tag.slice(0, 40)}`, `${SMALL}x-a: ${tag}\n`]),
    ['directives', `%YAML 9.9\n%TAG ! tag:${MARK},2000:\n---\n${SMALL}x-a: !x y\n`],
    ['an anchor for all', `&a\n${SMALL}x-a: *a\n`],
    ['merging itself', `${SMALL}x-a: &a {<<: *a, b: 1}\n`],
    ['merging the document', `&a\n${SMALL}x-a: {<<: *a}\n`],
    ['10,000 anchors', `${SMALL}x-a:\n${Array.from({ length: 10_000 }, (_, i) => `  - &a${i} x${i}`).join('\n')}\n`],
    [
      'an anchor that is moved 10,000 times',
      `${SMALL}x-a:\n${Array.from({ length: 10_000 }, () => `  - &a x\n  - *a`).join('\n')}\n`,
    ],
    ['a scalar of 4 MB', `${SMALL}x-a: ${'x'.repeat(4_000_000)}\n`],
    ['a folded scalar of 200,000 lines', `${SMALL}x-a: >\n${'  x\n'.repeat(200_000)}`],
    ['a key of a megabyte', `${SMALL}? ${'x'.repeat(1_000_000)}\n: 1\n`],
    ['keys that are lists and maps', `${SMALL}x-a:\n  ? [a, {b: c}]\n  : 1\n  ? {a: b}\n  : 2\n`],
    [
      '1,000,000 keys',
      `{"openapi":"3.0.3","paths":{},"x-a":{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join(',')}}}`,
    ],
    ['200,000 keys in YAML', `${SMALL}x-a:\n${Array.from({ length: 200_000 }, (_, i) => `  k${i}: 1`).join('\n')}\n`],
    ['one key 20,000 times', `${SMALL}x-a:\n${'  k: 1\n'.repeat(20_000)}`],
    ['flow nested 5,000 deep', `${SMALL}x-a: ${'[{a: '.repeat(5_000)}`],
    [
      'blocks nested 5,000 deep',
      `${SMALL}${Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')}\n`,
    ],
    ['1,000 documents', `${SMALL}${'---\na: 1\n'.repeat(1_000)}`],
    ['a quote that never ends', `${SMALL}x-a: "${'\\'.repeat(99_999)}`],
    ['control characters', `${SMALL}x-a: "\u0001\u001f\u007f\u009f"\n\u0008: \u001b\n`],
    [
      'half of a character',
      Buffer.concat([
        Buffer.from(`${SMALL}x-a: "`),
        Buffer.from([0xed, 0xa0, 0x80, 0xc0, 0xaf, 0xff]),
        Buffer.from('"\n'),
      ]),
    ],
    ['a long line of colons', `${SMALL}x-a: ${': '.repeat(100_000)}\n`],
    ['a line of tabs', `${SMALL}x-a:${'\t'.repeat(300_000)}x\n`],
  ];
}

/** References that lead out of the document: to a service that tells who asked it, and to files. */
export function references(server: string, bait: string, file: string): readonly Trick[] {
  const targets = [
    bait,
    `${bait}/x.yaml#/a`,
    `//${new URL(bait).host}/x.json#/a`,
    `${bait.replace('http:', 'HTTP:')}/x`,
    `file://${file}`,
    `file://${file}#/secret`,
    `file:${file}`,
    file,
    `${file}#/secret`,
    `../../../../../../../..${file}#/secret`,
    'spec.yaml#/info',
    './service.metadata.yaml',
    'data:application/json,{"type":"string"}',
    'jar:file:///x.jar!/x',
    'javascript:1',
    'gopher://127.0.0.1/x',
    '\\\\127.0.0.1\\share\\x',
    `#${bait}`,
    '',
    '#',
  ];
  const everywhere = (target: string): string =>
    document(server, {
      $self: target,
      $schema: target,
      jsonSchemaDialect: target,
      externalDocs: { url: target },
      paths: {
        '/a': { get: { responses: OK } },
        '/b': { $ref: target },
        '/c': {
          post: {
            parameters: [
              { $ref: target },
              { name: 'q', in: 'query', schema: { $ref: target }, examples: { a: { externalValue: target } } },
            ],
            requestBody: { $ref: target },
            responses: {
              200: { $ref: target },
              201: { description: 'x', headers: { a: { $ref: target } }, links: { a: { operationRef: target } } },
            },
            callbacks: { a: { $ref: target } },
          },
        },
      },
      components: {
        schemas: {
          A: { $ref: target },
          B: { allOf: [{ $ref: target }], $dynamicRef: target, $id: target, $schema: target },
          C: { discriminator: { propertyName: 'a', mapping: { a: target } }, oneOf: [{ $ref: target }] },
        },
        examples: { a: { externalValue: target } },
        securitySchemes: { oidc: { type: 'openIdConnect', openIdConnectUrl: target } },
      },
    });
  const swagger = (target: string): string =>
    JSON.stringify({
      swagger: '2.0',
      info: { title: 'x', version: '1' },
      paths: {
        '/a': { $ref: target },
        '/b': {
          get: { parameters: [{ $ref: target }], responses: { 200: { $ref: target, schema: { $ref: target } } } },
        },
      },
      definitions: { A: { $ref: target } },
    });
  return targets.flatMap((target): Trick[] => [
    [`references to ${JSON.stringify(target)}`, everywhere(target)],
    [`references of 2.0 to ${JSON.stringify(target)}`, swagger(target)],
  ]);
}

/** Patterns that take some readers of regular expressions for ever, and bounds beyond all measure. */
export function patterns(server: string): readonly Trick[] {
  const hard = [
    '^(a+)+$',
    '^(a|a)*$',
    '^(a|aa)+$',
    '(a*)*b',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '^(\\w+\\s?)*$',
    '(x+x+)+y',
    '^(?=(a+))\\1*$',
    '(.*){1,1000}(.*){1,1000}z',
    'a{1,2000000000}',
    '(a{1,1000}){1,1000}',
    '((((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9})',
    '(?<!a)b',
    '[',
    '(',
    '\\',
    '(?i:x)',
    '\\p{Script=Greek}+',
    `${'('.repeat(5_000)}a${')'.repeat(5_000)}`,
    '(?:a?){99}a{99}',
    `[${'a-z'.repeat(20_000)}]`,
  ];
  // As text: what a number of JavaScript cannot hold must arrive as it is written.
  const bounds = [
    '"minLength":1e9,"maxLength":1e9',
    '"minItems":1e9,"items":{},"type":"array"',
    '"minProperties":1e9,"type":"object"',
    '"minimum":1e308,"maximum":-1e308',
    '"multipleOf":1e-308',
    '"multipleOf":0',
    '"minimum":"x"',
    '"maxLength":-1',
    '"enum":[1e400]',
    '"default":123456789012345678901234567890.5',
    '"type":"integer","format":"int64","minimum":9223372036854775807',
    '"type":"array","minItems":50000,"uniqueItems":true,"items":{"type":"boolean"}',
    `"maximum":${'9'.repeat(10_000)}`,
  ];
  const withSchema = (schema: object): string =>
    document(server, {
      paths: {
        '/a': {
          get: { parameters: [{ name: 'q', in: 'query', schema: { type: 'string', ...schema } }], responses: OK },
          post: {
            requestBody: {
              content: {
                'application/json': {
                  schema: {
                    properties: { q: schema },
                    patternProperties: 'pattern' in schema ? { [String(schema.pattern)]: {} } : {},
                  },
                },
              },
            },
            responses: OK,
          },
        },
      },
    });
  return [
    ...hard.map((pattern): Trick => [`the pattern ${pattern.slice(0, 40)}`, withSchema({ pattern })]),
    ...bounds.map((bound): Trick => [
      `the bounds ${bound.slice(0, 60)}`,
      withSchema({ 'x-bound': 1 }).replaceAll('"x-bound":1', bound),
    ]),
  ];
}

/** Names of services that would be paths, devices, options, markup or queries. */
export const SERVICE_NAMES: readonly string[] = [
  '../../etc/passwd',
  '..',
  '.',
  '/',
  '/etc/passwd',
  'a/../../b',
  'a\\..\\b',
  'con',
  'nul.txt',
  'a\u0000b',
  'a\r\nX-Y: 1',
  '__proto__',
  'constructor',
  '-rf',
  '--help',
  '$(touch x)',
  '`x`',
  "'; DROP TABLE specs; --",
  '{"$gt": ""}',
  '$where',
  '%2e%2e%2f',
  '<script>',
  '\u202ename',
  '\ud800',
  'x'.repeat(300),
  ' ',
  '',
  '*',
  '#',
  '?a=b',
  'ＡＢＣ',
  'node_modules',
  'package.json',
  '.git',
  'runtime',
  'İ',
];
