import { describe, expect, test } from '@jest/globals';
import type { Parameter } from '#core';
import { tables } from '#testing';
import { buildRequest } from '../request.js';

const { operation, p, table } = tables;

const TEXT = 'blue';
const LIST = ['blue', 'black', 'brown'];
const MAP = { R: 100, G: 200, B: 150 };

type Row = readonly [style: Parameter['style'], explode: boolean, value: unknown, want: string];

function build(parameter: Parameter, value: unknown) {
  const op = operation({ path: parameter.in === 'path' ? '/a/{color}/b' : '/x', parameters: [parameter] });
  const given = { color: value };
  return buildRequest(table([op]), op, {
    urlParams: parameter.in === 'path' ? given : {},
    queryParams: parameter.in === 'query' ? given : {},
    headers: parameter.in === 'header' ? given : {},
    cookieParams: parameter.in === 'cookie' ? given : {},
  });
}

const name = (row: Row) => `${row[0]}${row[1] ? '*' : ''} of ${JSON.stringify(row[2])} is ${row[3] || 'nothing'}`;

describe('a path parameter', () => {
  const rows: Row[] = [
    ['simple', false, TEXT, 'blue'],
    ['simple', false, 5, '5'],
    ['simple', false, -0.5, '-0.5'],
    ['simple', false, true, 'true'],
    ['simple', false, false, 'false'],
    ['simple', false, 0, '0'],
    ['simple', false, '', ''],
    ['simple', false, LIST, 'blue,black,brown'],
    ['simple', false, MAP, 'R,100,G,200,B,150'],
    ['simple', true, TEXT, 'blue'],
    ['simple', true, LIST, 'blue,black,brown'],
    ['simple', true, MAP, 'R=100,G=200,B=150'],
    ['simple', false, [], ''],
    ['simple', false, {}, ''],
    ['simple', false, ['a,b', 'c'], 'a%2Cb,c'],
    ['simple', true, { 'a=b': 'c,d' }, 'a%3Db=c%2Cd'],
    ['simple', false, ['a', null, 'b'], 'a,b'],
    ['simple', false, { a: null, b: 1 }, 'b,1'],
    ['simple', false, [{ a: 1 }], '%7B%22a%22%3A1%7D'],
    ['simple', false, 'a b', 'a%20b'],
    ['simple', false, 'a/b', 'a%2Fb'],
    ['simple', false, '../etc', '..%2Fetc'],
    ['simple', false, '...', '...'],
    ['simple', false, '100%', '100%25'],
    ['simple', false, '%2F', '%252F'],
    ['simple', false, 'a?b#c', 'a%3Fb%23c'],
    ['simple', false, 'über', '%C3%BCber'],
    ['simple', false, '日本', '%E6%97%A5%E6%9C%AC'],
    ['simple', false, '😀', '%F0%9F%98%80'],
    ['simple', false, '\ud800', '%EF%BF%BD'],
    ['simple', false, "!'()*", '%21%27%28%29%2A'],
    ['simple', false, ':@!$&+,;=', '%3A%40%21%24%26%2B%2C%3B%3D'],
    ['simple', false, '-._~aZ0', '-._~aZ0'],
    ['simple', false, 'a\nb\u0000', 'a%0Ab%00'],
    ['label', false, TEXT, '.blue'],
    ['label', false, '', '.'],
    ['label', false, LIST, '.blue,black,brown'],
    ['label', false, MAP, '.R,100,G,200,B,150'],
    ['label', true, TEXT, '.blue'],
    ['label', true, LIST, '.blue.black.brown'],
    ['label', true, MAP, '.R=100.G=200.B=150'],
    ['label', true, [], '.'],
    ['label', true, 'a/b', '.a%2Fb'],
    ['matrix', false, TEXT, ';color=blue'],
    ['matrix', false, '', ';color'],
    ['matrix', false, LIST, ';color=blue,black,brown'],
    ['matrix', false, MAP, ';color=R,100,G,200,B,150'],
    ['matrix', true, TEXT, ';color=blue'],
    ['matrix', true, LIST, ';color=blue;color=black;color=brown'],
    ['matrix', true, MAP, ';R=100;G=200;B=150'],
    ['matrix', true, ['', 'a'], ';color;color=a'],
    ['matrix', true, { a: '' }, ';a'],
    ['matrix', false, [], ';color'],
    ['matrix', true, {}, ';color'],
    ['matrix', false, 'a;b=c', ';color=a%3Bb%3Dc'],
    // Swagger 2.0's collection formats.
    ['spaceDelimited', false, LIST, 'blue%20black%20brown'],
    ['pipeDelimited', false, LIST, 'blue%7Cblack%7Cbrown'],
    ['tabDelimited', false, LIST, 'blue%09black%09brown'],
  ];
  test.each(rows.map((row) => [name(row), row] as const))('in %s', (_, [style, explode, value, want]) => {
    expect(build(p('path', 'color', { style, explode }), value).url).toBe(`http://h/a/${want}/b`);
  });
});

describe('a query parameter', () => {
  const rows: Row[] = [
    ['form', true, TEXT, '?color=blue'],
    ['form', true, 5, '?color=5'],
    ['form', true, 1e21, '?color=1e%2B21'],
    ['form', true, false, '?color=false'],
    ['form', true, '', '?color='],
    ['form', true, null, ''],
    ['form', true, undefined, ''],
    ['form', true, [], ''],
    ['form', true, {}, ''],
    ['form', true, [null], ''],
    ['form', true, LIST, '?color=blue&color=black&color=brown'],
    ['form', true, ['only'], '?color=only'],
    ['form', true, [1, true, 'a'], '?color=1&color=true&color=a'],
    ['form', true, [''], '?color='],
    ['form', true, MAP, '?R=100&G=200&B=150'],
    ['form', true, { a: { b: 1 } }, '?a=%7B%22b%22%3A1%7D'],
    ['form', true, [{ b: 1 }], '?color=%7B%22b%22%3A1%7D'],
    ['form', true, { 'k&': 'v=' }, '?k%26=v%3D'],
    ['form', false, TEXT, '?color=blue'],
    ['form', false, '', '?color='],
    ['form', false, [], ''],
    ['form', false, LIST, '?color=blue,black,brown'],
    ['form', false, MAP, '?color=R,100,G,200,B,150'],
    ['form', false, ['a,b', 'c'], '?color=a%2Cb,c'],
    ['form', false, 'a,b', '?color=a%2Cb'],
    ['form', true, 'a b', '?color=a%20b'],
    ['form', true, 'a+b', '?color=a%2Bb'],
    ['form', true, 'a&b=c#d', '?color=a%26b%3Dc%23d'],
    ['form', true, '100%', '?color=100%25'],
    ['form', true, '%41', '?color=%2541'],
    ['form', true, 'Science & Technology', '?color=Science%20%26%20Technology'],
    ['form', true, 'é😀', '?color=%C3%A9%F0%9F%98%80'],
    ['form', true, "it's (a) *!", '?color=it%27s%20%28a%29%20%2A%21'],
    ['spaceDelimited', false, LIST, '?color=blue%20black%20brown'],
    ['spaceDelimited', false, MAP, '?color=R%20100%20G%20200%20B%20150'],
    ['spaceDelimited', true, LIST, '?color=blue&color=black&color=brown'],
    ['spaceDelimited', false, TEXT, '?color=blue'],
    ['pipeDelimited', false, LIST, '?color=blue%7Cblack%7Cbrown'],
    ['pipeDelimited', false, MAP, '?color=R%7C100%7CG%7C200%7CB%7C150'],
    ['pipeDelimited', true, LIST, '?color=blue&color=black&color=brown'],
    ['tabDelimited', false, LIST, '?color=blue%09black%09brown'],
    ['deepObject', true, MAP, '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    ['deepObject', false, MAP, '?color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150'],
    ['deepObject', true, { a: { b: { c: 'd e' } } }, '?color%5Ba%5D%5Bb%5D%5Bc%5D=d%20e'],
    ['deepObject', true, { a: [1, 2] }, '?color%5Ba%5D%5B0%5D=1&color%5Ba%5D%5B1%5D=2'],
    ['deepObject', true, { a: [{ b: 1 }] }, '?color%5Ba%5D%5B0%5D%5Bb%5D=1'],
    ['deepObject', true, ['x', 'y'], '?color%5B0%5D=x&color%5B1%5D=y'],
    ['deepObject', true, { a: null, b: '' }, '?color%5Bb%5D='],
    ['deepObject', true, {}, ''],
    ['deepObject', true, TEXT, '?color=blue'],
  ];
  test.each(rows.map((row) => [name(row), row] as const))('in %s', (_, [style, explode, value, want]) => {
    expect(build(p('query', 'color', { style, explode }), value).url).toBe(`http://h/x${want}`);
  });

  const reserved: Row[] = [
    ['form', true, 'a/b?c:d', '?color=a/b?c:d'],
    ['form', true, "@!$'()*,;=", "?color=@!$'()*,;="],
    ['form', true, 'a%20b', '?color=a%20b'],
    ['form', true, '5% of é', '?color=5%25%20of%20%C3%A9'],
    ['form', true, 'é%41', '?color=%C3%A9%41'],
    ['form', true, 'a&b#c+d[e]', '?color=a%26b%23c%2Bd%5Be%5D'],
    ['form', true, ['a/b', 'c'], '?color=a/b&color=c'],
    ['form', false, ['a/b', 'c,d'], '?color=a/b,c%2Cd'],
    ['pipeDelimited', false, ['a/b', 'c'], '?color=a/b%7Cc'],
    ['deepObject', true, { a: 'b/c' }, '?color%5Ba%5D=b/c'],
  ];
  test.each(reserved.map((row) => [name(row), row] as const))(
    'keeps reserved characters when allowed in %s',
    (_, [style, explode, value, want]) => {
      expect(build(p('query', 'color', { style, explode, allowReserved: true }), value).url).toBe(`http://h/x${want}`);
    },
  );

  test.each([
    [null, '?color='],
    ['', '?color='],
    [[], '?color='],
    [{}, '?color='],
    ['a', '?color=a'],
    [undefined, ''],
  ])('that may be empty is sent empty for %j', (value, want) => {
    expect(build(p('query', 'color', { allowEmptyValue: true }), value).url).toBe(`http://h/x${want}`);
  });

  test.each([
    ['application/json', { lat: 1, long: [2] }, '?color=%7B%22lat%22%3A1%2C%22long%22%3A%5B2%5D%7D'],
    ['application/json', 'text', '?color=%22text%22'],
    ['application/json', null, '?color=null'],
    ['application/vnd.x+json', [1], '?color=%5B1%5D'],
    ['text/plain', 'a b', '?color=a%20b'],
    ['text/plain', 5, '?color=5'],
  ])('with content %s holds %j', (contentType, value, want) => {
    expect(build(p('query', 'color', { contentType }), value).url).toBe(`http://h/x${want}`);
  });

  test('has its name encoded', () => {
    const op = operation({ parameters: [p('query', 'filter[a b]')] });
    expect(buildRequest(table([op]), op, { queryParams: { 'filter[a b]': 1 } }).url).toBe(
      'http://h/x?filter%5Ba%20b%5D=1',
    );
  });
});

describe('a header parameter', () => {
  const rows: Row[] = [
    ['simple', false, TEXT, 'blue'],
    ['simple', false, 5, '5'],
    ['simple', false, false, 'false'],
    ['simple', false, '', ''],
    ['simple', false, LIST, 'blue,black,brown'],
    ['simple', true, LIST, 'blue,black,brown'],
    ['simple', false, MAP, 'R,100,G,200,B,150'],
    ['simple', true, MAP, 'R=100,G=200,B=150'],
    ['simple', false, 'a b/c%20"d"', 'a b/c%20"d"'],
    ['simple', false, 'é', 'é'],
    ['pipeDelimited', false, LIST, 'blue|black|brown'],
    ['spaceDelimited', false, LIST, 'blue black brown'],
    ['tabDelimited', false, LIST, 'blue\tblack\tbrown'],
  ];
  test.each(rows.map((row) => [name(row), row] as const))('in %s, not encoded', (_, [style, explode, value, want]) => {
    expect(build(p('header', 'Color', { style, explode }), value).headers).toContainEqual(['color', want]);
  });

  test.each([[null], [undefined], [[]], [{}]])('is not sent for %j', (value) => {
    const names = build(p('header', 'color'), value).headers.map(([header]) => header);
    expect(names).toEqual(['Accept']);
  });

  test('with JSON content is ASCII', () => {
    const { headers } = build(p('header', 'color', { contentType: 'application/json' }), { a: 'é' });
    expect(headers).toContainEqual(['color', String.raw`{"a":"\u00e9"}`]);
  });
});

describe('a cookie parameter', () => {
  const rows: Row[] = [
    ['form', true, TEXT, 'color=blue'],
    ['form', true, 5, 'color=5'],
    ['form', true, '', 'color='],
    ['form', true, LIST, 'color=blue; color=black; color=brown'],
    ['form', true, MAP, 'R=100; G=200; B=150'],
    ['form', false, LIST, 'color=blue,black,brown'],
    ['form', false, MAP, 'color=R,100,G,200,B,150'],
    ['form', true, 'a b;c=d,é', 'color=a%20b%3Bc%3Dd%2C%C3%A9'],
  ];
  test.each(rows.map((row) => [name(row), row] as const))('in %s', (_, [style, explode, value, want]) => {
    expect(build(p('cookie', 'color', { style, explode }), value).headers).toContainEqual(['Cookie', want]);
  });

  const plain: Row[] = [
    ['cookie', true, 'a b,%20"é', 'color=a b,%20"é'],
    ['cookie', true, LIST, 'color=blue; color=black; color=brown'],
    ['cookie', true, MAP, 'R=100; G=200; B=150'],
    ['cookie', false, LIST, 'color=blue,black,brown'],
  ];
  test.each(plain.map((row) => [name(row), row] as const))('in %s, not escaped', (_, [style, explode, value, want]) => {
    expect(build(p('cookie', 'color', { style, explode }), value).headers).toContainEqual(['Cookie', want]);
  });

  test('that is not escaped cannot hold what would end it', () => {
    expect(() => build(p('cookie', 'color', { style: 'cookie' }), 'a; admin=1')).toThrow(
      'Expected the cookie "color" in escaped form, got a semicolon or a control character in it.',
    );
  });

  test('with JSON content reads back by percent-decoding', () => {
    const { headers } = build(p('cookie', 'color', { contentType: 'application/json' }), { a: '50%25; é' });
    const text = headers.find(([header]) => header === 'Cookie')?.[1].replace('color=', '') ?? '';
    expect(JSON.parse(decodeURIComponent(text))).toEqual({ a: '50%25; é' });
  });

  test.each([[null], [undefined], [[]], [{}]])('is not sent for %j', (value) => {
    expect(build(p('cookie', 'color'), value).headers).toEqual([['Accept', '*/*']]);
  });
});
