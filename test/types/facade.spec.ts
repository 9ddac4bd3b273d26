/** What a caller may write, and what the compiler says otherwise: claims that the native compiler holds. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { typecheck } from '#openapi';
import { bundleRuntime, clientOf } from './generated.js';
import { PET_SHOP } from './pet-shop.js';

const PREAMBLE = `
import { createClient } from './client.js';
import type { Schemas, components } from './client.js';
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<T extends true>(): T | undefined { return undefined; }
type Plain<T> = T extends readonly (infer Item)[] ? Plain<Item>[] : T;
const client = createClient({ url: 'http://127.0.0.1:1' });
const one = { path: { id: 1 } };
`;

/** Each may hold \`// @ts-expect-error\` lines: then it is an error that the compiler finds none there. */
const CLAIMS: Record<string, Record<string, string>> = {
  paths: {
    'are those that have the method': `
      is<Equal<Parameters<typeof client.get>[0], '/pets' | '/pets/{id}' | '/pets/{id}/photo'>>();
      is<Equal<Parameters<typeof client.delete>[0], '/pets/{id}'>>();
      is<Equal<Parameters<typeof client.patch>[0], never>>();
      // @ts-expect-error
      client.get('/pet', { params: one });
      // @ts-expect-error
      client.put('/pets', {});`,
    'go before methods where that reads better': `
      is<Equal<keyof (typeof client.paths)['/pets'], 'get' | 'post'>>();
      const a = client.paths['/pets/{id}'].get({ params: one });
      const b = client.get('/pets/{id}', { params: one });
      is<Equal<typeof a, typeof b>>();
      // @ts-expect-error
      client.paths['/pets/{id}'].post({ params: one });`,
    'are called by operation ids too': `
      is<Equal<keyof typeof client.operations, 'listPets' | 'addPet' | 'sellPet' | 'photo' | 'setPhoto' | 'order'>>();
      const a = client.operations.listPets({ params: { query: { limit: 1 } } });
      const b = client.request('get', '/pets');
      is<Equal<typeof a, typeof b>>();
      // @ts-expect-error
      client.operations.getPet({ params: one });
      // @ts-expect-error a method that no path has
      client.request('patch', '/pets');`,
  },
  parameters: {
    'stand in their places, by their names': `
      client.get('/pets', { params: { query: { limit: 5, kinds: ['cat'] }, header: { 'X-Trace': 't' } } });
      // @ts-expect-error
      client.get('/pets', { params: { query: { limits: 5 } } });
      // @ts-expect-error
      client.get('/pets', { params: { query: { kinds: ['cow'] } } });
      // @ts-expect-error
      client.get('/pets', { params: { query: { limit: '5' } } });
      // @ts-expect-error the operation has none in its path
      client.get('/pets', { params: { path: { id: 1 } } });`,
    'are needed only where one is required': `
      client.get('/pets');
      client.get('/pets', {});
      client.get('/pets', { params: {} });
      // @ts-expect-error
      client.get('/pets/{id}');
      // @ts-expect-error
      client.get('/pets/{id}', {});
      // @ts-expect-error
      client.get('/pets/{id}', { params: { path: {} } });
      // @ts-expect-error the cookie
      client.delete('/pets/{id}', { params: one });
      client.delete('/pets/{id}', { params: { ...one, cookie: { session: 's' } } });`,
    'may be undefined where they may be left out': `
      const limit = undefined as number | undefined;
      client.get('/pets', { params: { query: { limit } }, timeoutMs: limit });`,
  },
  bodies: {
    'are what the document says, without what only an answer has': `
      client.post('/pets', { body: { name: 'Tom', kind: 'cat' } });
      client.post('/pets', { body: { name: 'Tom', kind: 'cat', tag: null, notes: { any: ['thing'] } } });
      client.post('/pets', { body: { id: 5, name: 'Tom', kind: 'cat', friends: [{ name: 'Kit', kind: 'dog' }] } });
      // @ts-expect-error
      client.post('/pets', { body: { name: 'Tom' } });
      // @ts-expect-error
      client.post('/pets', { body: { name: 'Tom', kind: 'cow' } });
      // @ts-expect-error
      client.post('/pets', { body: { name: 'Tom', kind: 'cat', colour: 'red' } });
      // @ts-expect-error
      client.post('/pets', {});`,
    'have what only a request has': `
      client.post('/orders', { body: { pet: { name: 'Tom', kind: 'cat' }, secret: 's' } });
      // @ts-expect-error
      client.post('/orders', { body: { pet: { name: 'Tom', kind: 'cat' } } });`,
    'that were answers can be sent again': `
      const pet = {} as Schemas['Pet'];
      client.post('/pets', { body: pet });`,
    'may be left out only where the document says so': `
      client.post('/orders');
      client.post('/orders', { timeoutMs: 1 });
      // @ts-expect-error
      client.post('/pets');`,
    'are of one media type without naming it': `
      client.post('/pets', { body: { name: 'Tom', kind: 'cat' } });
      client.post('/pets', { body: { name: 'Tom', kind: 'cat' }, contentType: 'application/json' });
      // @ts-expect-error
      client.post('/pets', { body: { name: 'Tom', kind: 'cat' }, contentType: 'text/csv' });`,
    'of several media types are JSON unless one is named': `
      client.post('/orders', { body: '<order/>', contentType: 'application/xml' });
      client.post('/orders', { body: new Uint8Array(1), contentType: 'application/xml' });
      // @ts-expect-error
      client.post('/orders', { body: '<order/>' });
      // @ts-expect-error
      client.put('/pets/{id}/photo', { params: one, body: { file: 'AAAA' } });`,
    'take files as bytes, with a name where there is one': `
      const contentType = 'multipart/form-data';
      const file = { $file: { base64: 'AAAA', filename: 'a.png', content_type: 'image/png' } };
      client.put('/pets/{id}/photo', { params: one, body: { file: new Uint8Array(1) }, contentType });
      client.put('/pets/{id}/photo', { params: one, body: { file, more: [file, new Uint8Array(1)], order: 1 }, contentType });
      // @ts-expect-error
      client.put('/pets/{id}/photo', { params: one, body: { file: 5 }, contentType });
      // @ts-expect-error
      client.put('/pets/{id}/photo', { params: one, body: { file, order: file }, contentType });
      client.put('/pets/{id}/photo', { params: one, body: new Uint8Array(1), contentType: 'image/png' });
      // @ts-expect-error not of the range
      client.put('/pets/{id}/photo', { params: one, body: new Uint8Array(1), contentType: 'text/plain' });`,
    'are not there where the document has none': `
      // @ts-expect-error
      client.get('/pets', { body: {} });`,
  },
  answers: {
    'are told apart by ok': `
      const result = await client.get('/pets/{id}', { params: one });
      if (result.ok) {
        is<Equal<typeof result.data, Schemas['Pet']>>();
        is<Equal<typeof result.status, 200>>();
        is<Equal<typeof result.error, undefined>>();
        is<Equal<typeof result.data.kind, 'cat' | 'dog'>>();
      } else {
        is<Equal<typeof result.error, Schemas['Gone'] | Schemas['Fault'] | string>>();
        is<Equal<typeof result.data, undefined>>();
      }
      // @ts-expect-error
      result.data.id;`,
    'have errors that an exact status, a range and default tell apart': `
      const result = await client.get('/pets/{id}', { params: one });
      switch (result.status) {
        case 200:
          is<Equal<typeof result.data, Schemas['Pet']>>();
          break;
        case 404:
          is<Equal<typeof result.error, Schemas['Gone']>>();
          break;
        case 409:
        case 499:
          is<Equal<typeof result.error, Schemas['Fault']>>();
          break;
        case 500:
          is<Equal<typeof result.error, string>>();
          break;
      }
      if (!result.ok && result.status !== 404) is<Equal<typeof result.error, Schemas['Fault'] | string>>();
      // @ts-expect-error no such status of a failure
      if (!result.ok && result.status === 200) result;`,
    'without a default have the errors that are declared': `
      const result = await client.post('/pets', { body: { name: 'Tom', kind: 'cat' } });
      if (!result.ok) is<Equal<typeof result.error, Schemas['Fault']>>();`,
    'that say nothing of errors leave them unknown': `
      const result = await client.get('/pets/{id}/photo', { params: one });
      if (!result.ok) is<Equal<typeof result.error, unknown>>();
      if (result.status === 503) is<Equal<typeof result.error, unknown>>();`,
    'of a range of successes have each of its statuses': `
      const result = await client.post('/orders');
      if (result.status === 201) is<Equal<typeof result.data, Schemas['Order']>>();
      if (result.ok) is<Equal<typeof result.data.number, string>>();
      if (result.ok) is<Equal<typeof result.data.secret, string | undefined>>();`,
    'of several media types are told apart by them': `
      const result = await client.get('/pets');
      if (!result.ok) return;
      if (result.contentType === 'text/csv') is<Equal<typeof result.data, string>>();
      else is<Equal<typeof result.data, Schemas['Pet'][]>>();`,
    'are bytes where they are not text': `
      const result = await client.get('/pets/{id}/photo', { params: one });
      if (result.ok) is<Equal<typeof result.data, Uint8Array>>();`,
    'are undefined where there is no body': `
      const result = await client.delete('/pets/{id}', { params: { ...one, cookie: { session: 's' } } });
      if (result.ok) is<Equal<typeof result.data, undefined>>();
      if (result.ok) is<Equal<typeof result.status, 204>>();`,
    'have the declared headers beside all others': `
      const result = await client.get('/pets');
      if (!result.ok) return;
      is<Equal<(typeof result.headers)['x-total'], string>>();
      is<Equal<(typeof result.headers)['x-next'], string | undefined>>();
      is<Equal<(typeof result.headers)['date'], string | undefined>>();`,
    'can be taken apart at once': `
      const { data, error } = await client.post('/pets', { body: { name: 'Tom', kind: 'cat' } });
      if (error === undefined) is<Equal<typeof data, Schemas['Pet']>>();
      else is<Equal<typeof error, Schemas['Fault']>>();`,
  },
  schemas: {
    'keep dates as text, null as null, free objects as objects of unknowns': `
      type Pet = Required<Schemas['Pet']>;
      is<Equal<Pet['born'], string>>();
      is<Equal<Pet['tag'], string | null>>();
      is<Equal<Pet['notes'], Record<string, unknown>>>();
      is<Equal<Pet['labels'], { [key: string]: string }>>();
      is<Equal<Pet['friends'], Schemas['Pet'][]>>();
      is<Equal<Schemas, components['schemas']>>();`,
    'may not be written to where only the service writes': `
      const pet = {} as Schemas['Pet'];
      // @ts-expect-error
      pet.id = 5;`,
  },
  credentials: {
    'have the names and shapes of the security schemes': `
      createClient({ credentials: { shopKey: { value: 'k' }, login: { username: 'u', password: 'p' } } });
      createClient({ credentials: { 'shop:oauth': { token: 't' } } });
      createClient({ credentials: { 'shop:oauth': { clientId: 'i', clientSecret: 's' } } });
      client.get('/pets', { credentials: { shopKey: { value: 'other' } } });
      // @ts-expect-error
      createClient({ credentials: { shopKee: { value: 'k' } } });
      // @ts-expect-error
      createClient({ credentials: { shopKey: { token: 'k' } } });
      // @ts-expect-error nothing can carry it
      createClient({ credentials: { certificate: { value: 'k' } } });
      // @ts-expect-error
      client.get('/pets', { credentials: { login: { username: 'u' } } });`,
  },
  options: {
    'are those that there are': `
      client.get('/pets', { headers: { 'x-more': 'm' }, timeoutMs: 5 });
      // @ts-expect-error
      client.get('/pets', { timeout: 5 });
      // @ts-expect-error
      createClient({ baseUrl: 'http://127.0.0.1' });`,
  },
};

let files: Record<string, string>;

beforeAll(async () => {
  await bundleRuntime();
  files = await clientOf(PET_SHOP);
}, 60_000);

describe.each(Object.entries(CLAIMS))('%s of a client', (subject, claims) => {
  let faults: string | null;

  beforeAll(async () => {
    const modules = Object.values(claims).map((code, index): [string, string] => [`claim${index}.ts`, claim(code)]);
    faults = await typecheck({ ...files, ...Object.fromEntries(modules) });
  });

  test.each(Object.entries(claims))('%s', async (_, code) => {
    // All of a subject are compiled at once; only where one fails each is, to tell which.
    const fault = faults === null ? null : await typecheck({ ...files, 'claim.ts': claim(code) });
    expect([subject, fault]).toEqual([subject, null]);
  });
});

test('a client of a document with next to nothing in it has no operation, and takes no credential', async () => {
  const bare = await clientOf({ openapi: '3.0.0', info: { title: '', version: '' }, paths: {} });
  const code = `import { createClient } from './client.js';
    const client = createClient({ credentials: {} });
    // @ts-expect-error
    client.operations.any;
    // @ts-expect-error
    client.paths['/any'];
    // @ts-expect-error
    client.get('/any');
    // @ts-expect-error
    createClient({ credentials: { any: { value: '' } } });`;
  expect(await typecheck({ ...bare, 'usage.ts': code })).toBeNull();
});

function claim(code: string): string {
  return `${PREAMBLE}\nexport async function claim(): Promise<void> {\n${code}\n}\n`;
}
