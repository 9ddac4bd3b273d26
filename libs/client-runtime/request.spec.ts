import { describe, expect, test } from '@jest/globals';
import { Permanent } from '#core';
import type { Operation } from '#core';
import { tables } from '#testing';
import type { RequestInput } from './input.js';
import { buildRequest } from './request.js';

const { media, operation, p, table } = tables;

const build = (changes: Partial<Operation>, input: RequestInput = {}) => {
  const op = operation(changes);
  return buildRequest(table([op]), op, input);
};
const failure = (changes: Partial<Operation>, input: RequestInput = {}) => {
  try {
    build(changes, input);
  } catch (error) {
    expect(error).toBeInstanceOf(Permanent);
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

const OF_CONNECTION = [
  ...['Host', 'content-length', 'Transfer-Encoding', 'Connection', 'Keep-Alive', 'TE', 'Trailer', 'Upgrade', 'Expect'],
  ...['HTTP2-Settings', 'Proxy-Authorization', 'Proxy-Connection', 'proxy-anything'],
];

describe('a path', () => {
  test.each([
    ['/users/{id}', '/users/5'],
    ['/users/{id}/', '/users/5/'],
    ['/users/{id}.json', '/users/5.json'],
    ['/a b/é/{id}', '/a%20b/%C3%A9/5'],
    ['/a%20b/{id}', '/a%20b/5'],
    ['/50%/{id}', '/50%25/5'],
    ['/v1/{id}:cancel', '/v1/5:cancel'],
    ["/odata('{id}')", "/odata('5')"],
    ['/{id}/{id}', '/5/5'],
    ['/{}/{id}', '/%7B%7D/5'],
    ['{id}', '/5'],
    ['/files/{id+}', '/files/5'],
    ['/files/{id:[0-9]+}', '/files/5'],
    ['/files/{id*}', '/files/5'],
  ])('made of %s is %s', (path, want) => {
    expect(build({ path, parameters: [p('path', 'id')] }, { urlParams: { id: 5 } }).url).toBe(`http://h${want}`);
  });

  test.each([
    ['/tenants/{a}/keys', { a: '..' }],
    ['/tenants/{a}', { a: '..' }],
    ['/tenants/{a}/keys', { a: '.' }],
    ['/tenants/{a}/keys', { a: ['..'] }],
    ['/tenants/{a}{b}/keys', { a: '.', b: '.' }],
    ['/tenants/{a}{b}/keys', { a: '', b: '..' }],
    ['/tenants/.{a}/keys', { a: '.' }],
    ['/tenants/%2e{a}/keys', { a: '.' }],
    ['{a}/keys', { a: '..' }],
  ])('is not built where a value would lead to another: %s with %j', (path, urlParams) => {
    expect(failure({ path }, { urlParams })).toMatch(/^Expected [ab] to stay in its place in the path, got dots/);
  });

  test('with labels is not built where one would lead to another, and holds one that is empty', () => {
    const labelled = (explode: boolean) => ({
      path: '/x/{a}/y',
      parameters: [p('path', 'a', { style: 'label', explode })],
    });
    for (const explode of [true, false]) {
      expect(failure(labelled(explode), { urlParams: { a: '.' } })).toMatch(/to stay in its place/);
      expect(build(labelled(explode), { urlParams: { a: '' } }).url).toBe('http://h/x/./y');
    }
  });

  test.each(['...', '..a', 'a..', '. .', '%2e%2e', '..%2f', '../..'])('stays with the value %j where it is', (a) => {
    const { url } = build({ path: '/tenants/{a}/keys' }, { urlParams: { a } });
    expect(new URL(url).pathname).toBe(`/tenants/${encodeURIComponent(a)}/keys`);
  });

  test('takes a variable that the document does not declare as a required text', () => {
    expect(build({ path: '/a/{b}' }, { urlParams: { b: 'c/d' } }).url).toBe('http://h/a/c%2Fd');
    expect(failure({ path: '/a/{b}' })).toBe('b is required and must be specified');
  });

  test('is built from the template and carries the query that the declared path has', () => {
    const changes = {
      path: '/x?a=1&b=#Action',
      template: '/x',
      fixedQuery: [
        ['a', '1'],
        ['b', ''],
      ] as const,
    };
    expect(build(changes, { queryParams: { c: 2 } }).url).toBe('http://h/x?a=1&b=&c=2');
  });

  test('lets a given parameter override the query of the path, declared or not', () => {
    const changes = { template: '/x', fixedQuery: [['a', '1']] as const };
    expect(build(changes, { queryParams: { a: 2 } }).url).toBe('http://h/x?a=2');
    expect(build(changes, { queryParams: { a: null } }).url).toBe('http://h/x?a=1');
  });

  test('lets a declared parameter override the query of the path, and fills variables in it', () => {
    const changes = {
      template: '/x',
      fixedQuery: [
        ['a', '1'],
        ['b', '{id}'],
      ] as const,
      parameters: [p('query', 'a')],
    };
    expect(build(changes, { queryParams: { a: 2 }, urlParams: { id: 7 } }).url).toBe('http://h/x?b=7&a=2');
  });
});

describe('a variable in the query of a declared path', () => {
  const changes = {
    path: '/echo?q={x}&y={y}',
    template: '/echo',
    parameters: [p('query', 'q', { required: true }), p('query', 'y', { required: true })],
  };

  test('is filled from the path parameters, by the name in its braces', () => {
    expect(build(changes, { urlParams: { x: 'a b', y: 2 } }).url).toBe('http://h/echo?q=a%20b&y=2');
  });

  test('is filled from the query parameters first', () => {
    const input = { urlParams: { x: 1, y: 2 }, queryParams: { q: 3 } };
    expect(build(changes, input).url).toBe('http://h/echo?q=3&y=2');
  });

  test('is required', () => {
    expect(() => build(changes, { urlParams: { y: 2 } })).toThrow('q is required and must be specified');
    expect(() => build(changes, { urlParams: { x: null, y: 2 } })).toThrow('q is required and must be specified');
  });

  test('alone is filled so', () => {
    const parameters = [p('query', 'q', { required: true })];
    expect(() => build({ path: '/x/{q}', template: '/x/{q}', parameters }, { urlParams: { q: 1 } })).toThrow(
      'q is required and must be specified',
    );
  });
});

describe('a query', () => {
  test('keeps the declared order, then holds what is not declared as it was given, lists repeated', () => {
    const parameters = [p('query', 'b'), p('query', 'a')];
    const queryParams = { z: [1, 'x y'], a: 1, y: { k: { l: 2 } }, b: 2, n: null };
    expect(build({ parameters }, { queryParams }).url).toBe('http://h/x?b=2&a=1&z=1&z=x%20y&y%5Bk%5D%5Bl%5D=2');
  });

  test('does not hold defaults', () => {
    const parameters = [p('query', 'a', { schema: { type: 'string', enum: null, default: 'd' } })];
    expect(build({ parameters }).url).toBe('http://h/x');
  });

  test('comes after that of the base URL', () => {
    expect(build({}, { url: 'http://h/base/?k=v', queryParams: { a: 1 } }).url).toBe('http://h/base/x?k=v&a=1');
  });

  test('never takes values from a prototype', () => {
    const parameters = [p('query', 'constructor'), p('query', '__proto__')];
    expect(build({ parameters }).url).toBe('http://h/x');
  });
});

describe('a parameter that is the whole query', () => {
  const whole = (contentType: string, required = false) => ({
    parameters: [p('querystring', 'q', { contentType, required })],
  });
  const form = 'application/x-www-form-urlencoded';

  test.each([
    [form, { a: 'b c', l: [1, 2], e: 'é&' }, '?a=b+c&l=1&l=2&e=%C3%A9%26'],
    [form, 'a=b+c&d=%20#é', '?a=b+c&d=%20%23%C3%A9'],
    [form, {}, ''],
    ['application/json', { a: [1, 'x y'] }, '?%7B%22a%22%3A%5B1%2C%22x%20y%22%5D%7D'],
    ['application/json', 'x', '?%22x%22'],
    ['application/jsonpath', "$.a['b']", '?%24.a%5B%27b%27%5D'],
  ])('as %s holds %j as %s', (contentType, value, want) => {
    expect(build(whole(contentType), { queryParams: { q: value } }).url).toBe(`http://h/x${want}`);
  });

  test('may be given as the fields of its form, and has others after it', () => {
    expect(build(whole(form, true), { queryParams: { a: 1, b: 2 } }).url).toBe('http://h/x?a=1&b=2');
    expect(build(whole('application/json'), { queryParams: { key: 'k', q: 1 } }).url).toBe('http://h/x?1&key=k');
  });

  test('is required where the document says so', () => {
    expect(failure(whole(form, true))).toBe('q is required and must be specified');
    expect(failure(whole('application/json', true), { queryParams: { a: 1 } })).toBe(
      'q is required and must be specified',
    );
  });
});

describe('what is missing is told by name', () => {
  test.each([
    ['path', 'id', {}],
    ['query', 'term', {}],
    ['query', 'term', { queryParams: { term: null } }],
    ['header', 'X-Key', {}],
    ['header', 'X-Key', { headers: { 'X-Key': null } }],
    ['cookie', 'session', {}],
    ['cookie', 'session', { headers: { cookie: 'sessions=1; other=session' } }],
  ] as const)('for a %s parameter %s', (place, name, input) => {
    const path = place === 'path' ? `/x/{${name}}` : '/x';
    expect(failure({ path, parameters: [p(place, name, { required: true })] }, input)).toBe(
      `${name} is required and must be specified`,
    );
  });

  test.each([
    ['query', { queryParams: { a: [] } }],
    ['query', { queryParams: { a: '' } }],
    ['header', { headers: { A: '' } }],
    ['header', { headers: { A: [] } }],
    ['cookie', { cookieParams: { a: 0 } }],
    ['cookie', { headers: { Cookie: 'b=1; a=2' } }],
  ] as const)('but an empty value of a %s parameter is a value: %j', (place, input) => {
    expect(() => build({ parameters: [p(place, 'a', { required: true })] }, input)).not.toThrow();
  });

  test('for a body and for a field of a form', () => {
    const requestBody = { required: true, content: [media('application/json')] };
    expect(failure({ requestBody })).toBe('request body is required and must be specified');
    expect(build({ requestBody }, { body: null }).body?.toString()).toBe('null');
    const form = { required: true, content: [media('application/x-www-form-urlencoded', { required: ['name'] })] };
    expect(failure({ requestBody: form }, { body: { other: 1 } })).toBe('name is required and must be specified');
  });
});

describe('headers', () => {
  test('are those given, declared or not, under the names given; declared ones are found in any case', () => {
    const parameters = [p('header', 'X-List', { required: true })];
    const headers = { 'x-list': [1, 2], 'x-rapidapi-key': 'k', Authorization: 'Bearer t' };
    expect(build({ parameters }, { headers }).headers).toEqual([
      ['Accept', '*/*'],
      ['x-list', '1,2'],
      ['x-rapidapi-key', 'k'],
      ['Authorization', 'Bearer t'],
    ]);
  });

  test('ask for the declared media types unless Accept is given', () => {
    const accepts = ['application/json', 'bad\ntype', 'text/*'];
    expect(build({ accepts }).headers).toEqual([['Accept', 'application/json, text/*']]);
    expect(build({ accepts }, { headers: { accept: 'text/csv' } }).headers).toEqual([['accept', 'text/csv']]);
  });

  test('tell which of them the document alone made', () => {
    const requestBody = { required: true, content: [media('application/json')] };
    expect(build({ requestBody }, { body: 1, headers: { a: 'b' } }).openHeaders).toEqual(['accept', 'content-type']);
    expect(
      build({ requestBody }, { body: 1, headers: { accept: 'x/y', 'Content-Type': 'text/plain' } }).openHeaders,
    ).toEqual([]);
  });

  test.each(['a\r\nb', 'a\nb', 'a\u0000b', 'a\u001bb', '\u007f', 'a\u010db', 'a\u560ab', '日'])(
    'with the value %j are refused by name',
    (value) => {
      expect(failure({}, { headers: { 'X-Bad': value } })).toBe(
        'The value of the header X-Bad holds a line break, another control character or one above U+00FF, which no header may.',
      );
    },
  );

  test.each(['', 'a b', 'a:b', 'a\r\nb', 'é', 'a/b'])('named %j are refused', (name) => {
    expect(failure({}, { headers: { [name]: 'v' } })).toMatch(/^Expected a header name/);
  });

  test.each(OF_CONNECTION)('of the connection are refused: %s', (name) => {
    expect(failure({}, { headers: { [name]: '1' } })).toBe(
      `The header ${name} cannot be set: it is made by the connection itself.`,
    );
  });

  test('that a document declares though no request can set them are not asked for', () => {
    const parameters = ['Content-Length', 'Host', 'not a name'].map((name) => p('header', name, { required: true }));
    expect(build({ parameters }).headers).toEqual([['Accept', '*/*']]);
  });

  test('cannot be smuggled in by a parameter, a cookie or a media type', () => {
    const parameters = [p('header', 'X-A'), p('cookie', 'c')];
    expect(failure({ parameters }, { headers: { 'X-A': ['a', 'b\r\nEvil: 1'] } })).toMatch(/X-A holds a line break/);
    expect(build({ parameters }, { cookieParams: { c: 'a\r\nEvil: 1' } }).headers).toContainEqual([
      'Cookie',
      'c=a%0D%0AEvil%3A%201',
    ]);
    expect(failure({}, { body: 1, contentType: 'text/plain\r\nEvil: 1' })).toBe(
      'Expected the content type of the request body as type/subtype, got a string of 19 characters.',
    );
    expect(failure({}, { body: 1, headers: { 'content-type': 'text/plain\r\nEvil: 1' } })).toMatch(
      /Content-Type holds a line break/,
    );
  });
});

describe('cookies', () => {
  test('join those of a Cookie header, declared ones, and others with every character that a cookie may hold', () => {
    const { headers } = build(
      { parameters: [p('cookie', 'a')] },
      { headers: { cookie: 'z=1' }, cookieParams: { token: 'a+/=; b', a: 'x y', none: null } },
    );
    expect(headers).toContainEqual(['Cookie', 'z=1; a=x%20y; token=a+/=%3B%20b']);
  });
});

describe('the address', () => {
  const at = (servers: Operation['servers'], input: RequestInput = {}, own?: Operation['servers']) => {
    const op = operation({ servers: own });
    return buildRequest(table([op], { servers: servers ?? [] }), op, input).url;
  };
  const fault = (servers: Operation['servers'], input: RequestInput = {}) => {
    try {
      return at(servers, input);
    } catch (error) {
      expect(error).toBeInstanceOf(Permanent);
      return (error as Error).message;
    }
  };

  test.each([
    ['https://api.example.com', 'https://api.example.com/x'],
    ['https://api.example.com/', 'https://api.example.com/x'],
    ['https://api.example.com/v1//', 'https://api.example.com/v1/x'],
    ['HTTP://Api.Example.com:80/V1', 'http://api.example.com/V1/x'],
    ['http://h:8080/a b', 'http://h:8080/a%20b/x'],
    ['//api.example.com/v2', 'https://api.example.com/v2/x'],
    ['https://bücher.example', 'https://xn--bcher-kva.example/x'],
    ['http://[::1]:81/v1', 'http://[::1]:81/v1/x'],
  ])('of the server %s is %s', (url, want) => {
    expect(at([{ url }])).toBe(want);
  });

  test('is the given url, else that of the operation, else that of the document', () => {
    const servers = [{ url: 'http://document' }];
    expect(at(servers, {}, [{ url: 'http://operation' }])).toBe('http://operation/x');
    expect(at(servers, { url: 'http://given/y' }, [{ url: 'http://operation' }])).toBe('http://given/y/x');
    expect(at(servers, {}, [])).toBe('http://document/x');
  });

  test('is read in time whatever it is made of', () => {
    expect(at([{ url: `http://h/${'/'.repeat(1_000_000)}a` }])).toHaveLength(1_000_012);
  });

  test('is the first absolute one', () => {
    expect(at([{ url: '/v1' }, { url: 'http://second/v1' }])).toBe('http://second/v1/x');
  });

  test('has its variables filled from what is given, else from defaults', () => {
    const server = {
      url: 'https://{region}.h.example:{port}/{base}',
      variables: { region: { default: 'eu', enum: ['eu', 'us'] }, port: { enum: ['8443'] }, base: { default: 'v1' } },
    };
    expect(at([server])).toBe('https://eu.h.example:8443/v1/x');
    expect(at([server], { serverVariables: { region: 'us', base: 'v2' } })).toBe('https://us.h.example:8443/v2/x');
    expect(fault([server], { serverVariables: { region: 'mars' } })).toBe(
      'Expected the server variable region to be one of eu, us, got a string of 4 characters.',
    );
    expect(fault([{ url: 'https://{tenant}.example.com' }])).toBe(
      'The document\'s server "https://{tenant}.example.com" has no default for tenant: set it in `server_variables`, or set `url` on the Spec.',
    );
  });

  test('is told with the names of variables that were given, not their values', () => {
    const shown = (serverVariables?: Record<string, string>) => {
      const server = {
        url: 'https://u:p@{region}.h.example/{base}/?q=1',
        variables: { region: { default: 'eu' }, base: { default: 'v1' } },
      };
      const op = operation({ path: '/users/{id}', servers: [server] });
      return buildRequest(table([op]), op, { urlParams: { id: 's3cr3t' }, serverVariables }).shownUrl;
    };
    expect(shown()).toBe('https://eu.h.example/v1/users/{id}');
    expect(shown({ base: 's3cr3t' })).toBe('https://{region}.h.example/{base}/users/{id}');
    const relative = { url: '/{base}', variables: { base: { default: 'v1' } } };
    expect(fault([relative], { serverVariables: { base: 's3cr3t' } })).toContain('server "/{base}" is relative');
  });

  test.each([
    [[], 'The document names no server, so there is no address to call: set `url` on the Spec.'],
    [['/v1'], 'The document\'s server "/v1" is relative, so there is no address to call: set `url` on the Spec.'],
    [['.'], 'The document\'s server "." is relative, so there is no address to call: set `url` on the Spec.'],
    [
      ['Your API URL'],
      'The document\'s server "Your API URL" is not an http or https address, so there is no address to call: set `url` on the Spec.',
    ],
    [
      ['ftp://h'],
      'The document\'s server "ftp://h" is not an http or https address, so there is no address to call: set `url` on the Spec.',
    ],
  ])('of the servers %j is told to be missing', (urls, message) => {
    expect(fault(urls.map((url) => ({ url })))).toBe(message);
  });

  test('that is given must be http or https', () => {
    expect(fault([], { url: 'file:///etc/passwd' })).toBe(
      'Expected `url` to be an http or https address, got a string of 18 characters that is none.',
    );
    expect(fault([], { url: 'ftp://user:secret@h/?token=secret' })).not.toContain('secret');
  });

  test('never shows the user name and password in it, and sends them as the header', () => {
    const op = operation();
    const request = buildRequest(table([op]), op, { url: 'http://us%C3%A9r:p%40ss@h' });
    expect(request.url).toBe('http://h/x');
    expect(request.headers).toContainEqual([
      'Authorization',
      `Basic ${Buffer.from('usér:p@ss', 'utf8').toString('base64')}`,
    ]);
    const given = buildRequest(table([op]), op, { url: 'http://a:b@h', headers: { authorization: 'mine' } });
    expect(given.headers).toContainEqual(['authorization', 'mine']);
    expect(given.headers).toHaveLength(2);
  });
});

test.each([
  ['query', 'deepObject'],
  ['query', 'form'],
  ['path', 'simple'],
  ['header', 'simple'],
] as const)('a value that is nested too deep for a %s in %s is refused in one sentence', (place, style) => {
  let value: unknown = 'x';
  for (let i = 0; i < 100_000; i += 1) value = [value];
  const path = place === 'path' ? '/{v}' : '/x';
  const input = { urlParams: { v: value }, queryParams: { v: value }, headers: { v: value } };
  expect(failure({ path, parameters: [p(place, 'v', { style })] }, input)).toBe(
    'The values given are nested too deep, or too large, for a request.',
  );
});

test('equal input gives an equal request', () => {
  const changes = { method: 'POST', requestBody: { required: true, content: [media('multipart/form-data')] } };
  const input = { body: { a: 1, file: { $file: { base64: 'AAAA' } } } };
  expect(build(changes, input)).toEqual(build(changes, input));
});

describe('a method', () => {
  test.each(['CONNECT', 'connect', 'GET /x HTTP/1.1', 'GE\r\nT', 'É'])('%j is refused', (method) => {
    expect(failure({ method }, {})).toMatch(/^Expected a method that asks for an answer, got /);
  });
});
