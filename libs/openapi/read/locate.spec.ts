import { describe, expect, it } from '@jest/globals';
import { locate } from './locate.js';

const JSON_TEXT = `{
  "openapi": "3.0.0", "x": "a \\" } ]",
  "paths": {
    "/a~b": { "get": [1, {"b": true}, "x"] }
  }
}`;
const YAML_TEXT = `openapi: 3.0.0
paths:
  /a~b:
    get:
      - 1
      - b: true
      -
        c: x
other: {a: 1, b: [2, 3]}
`;

describe('locate', () => {
  const cases: [pointer: string, json: [number, number], yaml: [number, number]][] = [
    ['', [1, 1], [1, 1]],
    ['/openapi', [2, 3], [1, 1]],
    ['/paths', [3, 3], [2, 1]],
    ['/paths/~1a~0b', [4, 5], [3, 3]],
    ['/paths/~1a~0b/get', [4, 15], [4, 5]],
    ['/paths/~1a~0b/get/1', [4, 26], [6, 9]],
    ['/paths/~1a~0b/get/1/b', [4, 27], [6, 9]],
    ['/paths/~1a~0b/get/2', [4, 39], [8, 9]],
    ['/paths/~1a~0b/put/responses', [4, 5], [3, 3]],
  ];
  it.each(cases)('finds %j in JSON and in YAML', (pointer, [line, column], [yamlLine, yamlColumn]) => {
    expect(locate(JSON_TEXT, true, [pointer]).get(pointer)).toEqual({ line, column });
    expect(locate(YAML_TEXT, false, [pointer]).get(pointer)).toEqual({ line: yamlLine, column: yamlColumn });
  });

  it('finds many at once', () => {
    const pointers = cases.map(([pointer]) => pointer);
    expect([...locate(JSON_TEXT, true, pointers).keys()]).toEqual(pointers);
  });
});
