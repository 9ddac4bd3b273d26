import { describe, expect, test } from '@jest/globals';
import { Permanent } from '#core';
import { tables } from '#testing';
import { findOperation } from './find-operation.js';

const { operation, table } = tables;

const filmot = table([
  operation({ path: '/getsearchchannels' }),
  operation({ path: '/getsearchsubtitles' }),
  operation({ path: '/users/{id}' }),
  operation({ path: '/users/{id}', method: 'DELETE' }),
  operation({ path: '/users', method: 'POST' }),
  operation({ path: '/#X-Amz-Target=A', template: '/', method: 'POST' }),
  operation({ path: '/#X-Amz-Target=B', template: '/', method: 'POST' }),
  operation({ path: '/jobs?action=run', template: '/jobs', method: 'POST' }),
]);

function failure(method: string, endpoint: string, of = filmot): string {
  try {
    findOperation(of, method, endpoint);
  } catch (error) {
    expect(error).toBeInstanceOf(Permanent);
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe('an operation is found', () => {
  test.each([
    ['GET', '/users/{id}'],
    ['delete', '/users/{id}'],
    ['Post', '/#X-Amz-Target=B'],
  ])('by its method in any case and its path: %s %s', (method, path) => {
    expect(findOperation(filmot, method, path)).toMatchObject({ method: method.toUpperCase(), path });
  });

  test.each([
    ['/users/{userId}', '/users/{id}'],
    ['users/{id}', '/users/{id}'],
    ['/users/{id}/', '/users/{id}'],
    ['/v1/users/{id}', '/users/{id}'],
    ['/v1/eu/users/{x}/', '/users/{id}'],
    ['https://api.example.com/v1/users/{id}', '/users/{id}'],
    ['//getsearchchannels', '/getsearchchannels'],
  ])('by %s, which differs from %s in nothing that counts', (endpoint, path) => {
    const servers = [
      { url: 'https://api.example.com/v1' },
      { url: '/v1/{region}/', variables: { region: { default: 'eu' } } },
    ];
    expect(findOperation(table(filmot.operations, { servers }), 'get', endpoint).path).toBe(path);
  });

  test('by what means the same only where one path is meant', () => {
    const twice = table([
      operation({ path: '/a/{x}' }),
      operation({ path: '/a/{y}/' }),
      operation({ path: '/a/{x}/b' }),
    ]);
    expect(findOperation(twice, 'GET', '/a/{y}/').path).toBe('/a/{y}/');
    expect(failure('GET', '/a/{z}', twice)).toMatch(/^The service declares no GET \/a\/\{z\}; the nearest are/);
    expect(failure('GET', '/v1/a', twice)).toMatch(/^The service declares no GET \/v1\/a;/);
  });

  test('by a method that the document writes in small letters', () => {
    const own = table([operation({ path: '/a', method: 'copy' })]);
    expect(findOperation(own, 'copy', '/a').method).toBe('copy');
    expect(failure('COPY', '/a', own)).toBe('The service declares no COPY /a; that path takes copy.');
  });

  test('by its template where only one path has it', () => {
    expect(findOperation(filmot, 'POST', '/jobs').path).toBe('/jobs?action=run');
    expect(failure('POST', '/')).toMatch(/^The service declares no POST \/;/);
  });
});

describe('an unknown operation', () => {
  test('is named with the nearest declared ones', () => {
    expect(failure('get', '/getsearchchanels')).toBe(
      'The service declares no GET /getsearchchanels; the nearest are GET /getsearchchannels, GET /getsearchsubtitles, POST /users.',
    );
  });

  test('is answered with the template that a concrete path fits', () => {
    expect(failure('GET', '/users/5')).toMatch(/; the nearest are GET \/users\/\{id\}, /);
  });

  test.each([
    ['/users/s3cr3t', /^The service declares no GET \/users\/…; the nearest are GET \/users\/\{id\}, /],
    ['https://api.example.com/users/s3cr3t?x=s3cr3t', /^The service declares no GET \/users\/…; /],
    ['/userz?token=s3cr3t', /^The service declares no GET \/userz\?…; /],
    ['/userz#s3cr3t', /^The service declares no GET \/userz#…; /],
    ['http://me:s3cr3t@h/userz', /^The service declares no GET http:\/\/h\/userz; /],
  ])('is told without the values in it: %s', (endpoint, sentence) => {
    expect(failure('GET', endpoint)).toMatch(sentence);
    expect(failure('GET', endpoint)).not.toContain('s3cr3t');
  });

  test('of a known path is answered with its methods', () => {
    expect(failure('PATCH', '/users/{id}')).toBe(
      'The service declares no PATCH /users/{id}; that path takes GET, DELETE.',
    );
    expect(failure('PATCH', 'http://me:s3cr3t@h/users/{s3cr3t}')).toBe(
      'The service declares no PATCH /users/{id}; that path takes GET, DELETE.',
    );
  });

  test('of a service with one or none is told so', () => {
    expect(failure('GET', '/b', table([operation({ path: '/a' })]))).toBe(
      'The service declares no GET /b; the nearest is GET /a.',
    );
    expect(failure('GET', '/b', table([]))).toBe('The service declares no GET /b, nor any other operation.');
  });

  test('is cut and kept on one line in the sentence', () => {
    const message = failure('GET', `/a\r\nb${'c'.repeat(1_000)}`);
    expect(message).toMatch(/^The service declares no GET \/a bc+…; /);
    expect(message.length).toBeLessThan(500);
  });

  test('among 22,000 is found, or told with the nearest', () => {
    const words = ['users', 'orders', 'items', 'reports', 'teams', 'files', 'events', 'jobs', 'keys', 'notes'];
    const paths = Array.from(
      { length: 22_000 },
      (_, i) => `/v1/${words[i % 10] ?? ''}/{id}/${words[(i >> 3) % 10] ?? ''}/${i}/details`,
    );
    const large = table(paths.map((path) => operation({ path })));
    expect(failure('GET', '/v1/users/{id}/order/11/detail', large)).toContain('GET /v1/');
    for (const path of paths) expect(findOperation(large, 'GET', path).path).toBe(path);
  });
});
