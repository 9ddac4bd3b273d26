import { gzipSync } from 'node:zlib';

/** Documents, and what is none, in all ways of writing; `good`, or the sentence that it has to be refused with. */
export function oddTexts(): readonly (readonly [name: string, bytes: Buffer, want: string])[] {
  const json =
    '{"openapi": "3.0.3", "info": {"title": "ä", "version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {"description": "x"}}}}}}';
  const yaml =
    'openapi: 3.0.3\ninfo: {title: ä, version: "1"}\npaths:\n  /a:\n    get:\n      responses:\n        200: {description: x}\n';
  const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
  const insert = (text: string, addition: string): string => text.replace('"paths"', `${addition}"paths"`);
  return [
    ['JSON', Buffer.from(json), 'good'],
    ['YAML', Buffer.from(yaml), 'good'],
    ['a byte order mark', Buffer.from(`\ufeff${json}`), 'good'],
    ['two byte order marks', Buffer.from(`\ufeff\ufeff${json}`), 'good'],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${json}`, 'utf16le'), 'good'],
    ['UTF-16 without a mark', Buffer.from(json, 'utf16le'), 'good'],
    ['big-endian UTF-16 with a mark', utf16be(`\ufeff${json}`), 'good'],
    ['big-endian UTF-16 without a mark', utf16be(yaml), 'good'],
    [
      'UTF-16 of an odd length',
      Buffer.concat([Buffer.from(json, 'utf16le'), Buffer.from('x')]),
      'Expected nothing more at line 1, column 133 of the JSON text, got `�`.',
    ],
    ['Windows-1252', Buffer.from(json, 'latin1'), 'good'],
    ['gzip', gzipSync(json), 'good'],
    ['gzip of gzip', gzipSync(gzipSync(json)), 'good'],
    [
      'gzip that is cut off',
      gzipSync(json).subarray(0, 60),
      'Expected a document packed with gzip, as its first two bytes say, got data that cannot be unpacked.',
    ],
    ['carriage returns', Buffer.from(yaml.replaceAll('\n', '\r\n')), 'good'],
    ['old line ends', Buffer.from(yaml.replaceAll('\n', '\r')), 'good'],
    ['tabs for indentation', Buffer.from(yaml.replaceAll('  ', '\t')), 'good'],
    ['comments in JSON', Buffer.from(insert(json, '/* x */ // y\n')), 'good'],
    ['a trailing comma', Buffer.from(`${json.slice(0, -1)},}`), 'good'],
    ['single quotes', Buffer.from(json.replaceAll('"', "'")), 'good'],
    ['names without quotes', Buffer.from(json.replace(/"(\w+)":/g, '$1:')), 'good'],
    ['a semicolon at the end', Buffer.from(`${json};`), 'good'],
    [
      'an assignment',
      Buffer.from(`var spec = ${json};`),
      'Expected well-formed YAML, got a fault at line 1, column 31: bad indentation of a mapping entry.',
    ],
    ['a bare NUL', Buffer.from(json.replace('"x"', '"\u0000"')), 'good'],
    ['NULs at the end', Buffer.from(`${json}\u0000\u0000`), 'good'],
    [
      'numbers that are none',
      Buffer.from(insert(json, '"x-a": 1e999, "x-b": NaN, "x-c": Infinity, "x-d": 0x1F, "x-e": 017, ')),
      'good',
    ],
    [
      'an unknown tag',
      Buffer.from(`${yaml}x-a: !!js/function 'function () { process.exit(1) }'\nx-b: !x {a: 1}\n`),
      'good',
    ],
    [
      'dates and words as keys',
      Buffer.from(`${yaml}x-a: {2026-01-01: 1, yes: 2, no: 3, on: 4, 1.5: 5, null: 6, ~: 7, [a, b]: 8, 0o17: 9}\n`),
      'good',
    ],
    ['merge keys', Buffer.from(`x-a: &a {x: 1}\n${yaml}x-b: {<<: *a}\nx-c: {<<: [*a, *a]}\n`), 'good'],
    [
      'a merge key of text',
      Buffer.from(`${yaml}x-b: {<<: x}\n`),
      'Expected well-formed YAML, got a fault at line 8, column 12: cannot merge mappings; the provided source object is unacceptable.',
    ],
    ['a key twice', Buffer.from(`${yaml}openapi: 3.0.3\n`), 'good'],
    ['two documents', Buffer.from(`${yaml}---\na: 1\n`), 'good'],
    ['a fence of Markdown', Buffer.from(`\`\`\`yaml\n${yaml}\`\`\`\n`), 'good'],
    ['nothing', Buffer.alloc(0), 'Expected an OpenAPI document, got 0 bytes.'],
    ['white space', Buffer.from(' \n\t\n'), 'Expected an OpenAPI document, got nothing but white space.'],
    [
      'a comment',
      Buffer.from('# nothing\n'),
      'Expected an OpenAPI document, which is an object, at /, got nothing but comments or null.',
    ],
    [
      'null',
      Buffer.from('null'),
      'Expected an OpenAPI document, which is an object, at /, got nothing but comments or null.',
    ],
    ['a number', Buffer.from('42'), 'Expected an OpenAPI document, which is an object, at /, got a number.'],
    ['a text', Buffer.from('openapi 3.0.3'), 'Expected an OpenAPI document, which is an object, at /, got a string.'],
    ['a list', Buffer.from(`[${json}]`), 'Expected an OpenAPI document, which is an object, at /, got an array.'],
    [
      'a page',
      Buffer.from('<!DOCTYPE html><html><body>Not found</body></html>'),
      'Expected an OpenAPI document in JSON or YAML, got an HTML page.',
    ],
    [
      'a page after white space',
      Buffer.from('\n\n  <html>'),
      'Expected an OpenAPI document in JSON or YAML, got an HTML page.',
    ],
    ['XML', Buffer.from('<?xml version="1.0"?><wsdl/>'), 'Expected an OpenAPI document in JSON or YAML, got XML.'],
    [
      'an error as JSON',
      Buffer.from('{"message": "Not Found"}'),
      'Expected an OpenAPI document with a field `openapi` or `swagger` at /, got an object with `message`.',
    ],
    [
      'Swagger 1.2',
      Buffer.from('{"swaggerVersion": "1.2", "apiVersion": "1", "apis": [{"path": "/a"}]}'),
      'Expected an OpenAPI document with a field `openapi` or `swagger` at /, got Swagger 1.2, which has to be converted to 2.0 first.',
    ],
    [
      'a Postman collection',
      Buffer.from('{"info": {"_postman_id": "x", "name": "x"}, "item": []}'),
      'Expected an OpenAPI document with a field `openapi` or `swagger` at /, got a Postman collection.',
    ],
    [
      'AsyncAPI',
      Buffer.from('asyncapi: 2.0.0\nchannels: {}\n'),
      'Expected an OpenAPI document with a field `openapi` or `swagger` at /, got an AsyncAPI document.',
    ],
    [
      'a pointer file of Git LFS',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
      'Expected an OpenAPI document, which is an object, at /, got a string.',
    ],
    [
      'a ZIP archive',
      Buffer.from('PK\u0003\u0004xxxx', 'latin1'),
      'Expected an OpenAPI document in JSON or YAML, got a ZIP archive.',
    ],
    [
      'bytes',
      Buffer.from([0, 159, 146, 150, 0, 1, 2, 3, 255]),
      'Expected an OpenAPI document in JSON or YAML, got binary data.',
    ],
    ['a lone surrogate', Buffer.from(json.replace('"x"', '"\\ud800"')), 'good'],
    [
      'half of a character',
      Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0xc3]), Buffer.from('}')]),
      'Expected `,` or `}` at line 1, column 133 of the JSON text, got `Ã`.',
    ],
  ];
}
