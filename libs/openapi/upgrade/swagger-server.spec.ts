import { describe, expect, it } from '@jest/globals';
import { swaggerServers } from './swagger-server.js';

describe('swaggerServers', () => {
  const cases: [root: Record<string, unknown>, urls: string[]][] = [
    [{ host: 'a.com', basePath: '/v1', schemes: ['https'] }, ['https://a.com/v1']],
    [{ host: 'a.com', basePath: '/v1/', schemes: ['http', 'https'] }, ['https://a.com/v1', 'http://a.com/v1']],
    [{ host: 'a.com' }, ['https://a.com']],
    [{ host: 'a.com', basePath: '/' }, ['https://a.com']],
    [{ host: 'a.com', schemes: ['ws', 'http'] }, ['http://a.com', 'ws://a.com']],
    [{ host: 'https://a.com/', basePath: 'v1' }, ['https://a.com/v1']],
    [{ host: 'a.com:8080', schemes: 'http' }, ['http://a.com:8080']],
    [{ basePath: '/v1' }, ['/v1']],
    [{ basePath: '/' }, []],
    [{}, []],
    [{ host: 7, schemes: { a: 1 } }, ['https://7']],
  ];
  it.each(cases)('%j has the servers %j', (root, urls) => {
    expect(swaggerServers(root).map((server) => server.url)).toEqual(urls);
  });

  it('reads a parameterised host with its variables', () => {
    const extension = {
      hostTemplate: '{account}.a.com',
      parameters: [{ name: 'account', in: 'path' }, { $ref: '#/parameters/zone' }],
    };
    const root = { 'x-ms-parameterized-host': extension, parameters: { zone: { name: 'zone', default: 'eu' } } };
    expect(swaggerServers(root)).toEqual([
      { url: 'https://{account}.a.com', variables: { account: {}, zone: { default: 'eu' } } },
    ]);
  });
});
