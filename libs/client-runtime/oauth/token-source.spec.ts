import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OAuthClientCredential, OAuthFlow, Operation, SecurityScheme } from '#core';
import { FakeClock, Gate, eventually, startUpstream, tables } from '#testing';
import type { ReceivedRequest, Upstream } from '#testing';
import { CallFailed } from '../http/call-failed.js';
import { HttpCaller } from '../http/http-caller.js';
import type { PlanInput, TokenPlan } from './plan-tokens.js';
import { planTokens } from './plan-tokens.js';
import { TokenSource } from './token-source.js';

const CLIENT: OAuthClientCredential = { clientId: 'me', clientSecret: 's3cr3t' };
const WAIT = { timeoutMs: 10_000 };

/** How the token endpoint answers. */
type Answer = (received: ReceivedRequest, form: URLSearchParams) => [status: number, body: unknown, type?: string];

let service: Upstream;
let answer: Answer;
let gate: Gate | undefined;
let clock: FakeClock;
let caller: HttpCaller;
let source: TokenSource;
let issued: number;

beforeEach(async () => {
  issued = 0;
  gate = undefined;
  answer = () => [200, { access_token: `token-${(issued += 1)}`, token_type: 'Bearer', expires_in: 3_600 }];
  service = await startUpstream({
    '*': (received, response) => {
      const [status, body, type = 'application/json'] = answer(received, new URLSearchParams(received.body.toString()));
      const send = () =>
        response
          .writeHead(status, { 'content-type': type })
          .end(typeof body === 'string' ? body : JSON.stringify(body));
      if (gate) void gate.opened.then(send);
      else send();
    },
    '/never': () => undefined,
    '/moved': (_, response) => response.writeHead(307, { location: '/token' }).end(),
    '/.well-known/openid-configuration': (_, response) =>
      response.end(JSON.stringify({ issuer: service.url, token_endpoint: `${service.url}/found` })),
    '/bad/openid-configuration': (_, response) => response.end('{"token_endpoint": "file:///etc/passwd"}'),
  });
  clock = new FakeClock();
  caller = new HttpCaller();
  source = new TokenSource(caller, clock);
});
afterEach(async () => {
  await caller.close();
  await service.close();
});

function oauth(flows: Record<string, Partial<OAuthFlow>>): SecurityScheme {
  return {
    type: 'oauth2',
    flows: Object.fromEntries(Object.entries(flows).map(([k, f]) => [k, { scopes: [], ...f }])),
  };
}

function plan(
  credential = CLIENT,
  changes: { scheme?: SecurityScheme; scopes?: string[]; input?: PlanInput } = {},
): TokenPlan {
  const scheme = changes.scheme ?? oauth({ clientCredentials: { tokenUrl: `${service.url}/token` } });
  const operation: Operation = tables.operation({ security: [{ auth: changes.scopes ?? [] }] });
  const table = tables.table([operation], {
    securitySchemes: { auth: scheme },
    servers: [{ url: `${service.url}/v1` }],
  });
  return planTokens(table, operation, { ...changes.input, credentials: { auth: credential } });
}

async function token(wanted = plan(), wait = WAIT): Promise<string> {
  const credential = (await source.ready(wanted, wait)).auth;
  return credential && 'token' in credential ? credential.token : '';
}

async function failure(promise: Promise<unknown>): Promise<CallFailed> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CallFailed);
  return error as CallFailed;
}

function asked(index = -1): { url: string; authorization: string | undefined; form: Record<string, string> } {
  const request = service.requests.at(index);
  const headers = new Map(request?.headers.map(([name, value]) => [name.toLowerCase(), value]));
  const form = Object.fromEntries(new URLSearchParams(request?.body.toString()));
  return { url: request?.url ?? '', authorization: headers.get('authorization'), form };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a token', () => {
  test('is asked for by client credentials with the scopes of the operation', async () => {
    expect(await token(plan(CLIENT, { scopes: ['write', 'read', 'read'] }))).toBe('token-1');
    expect(asked()).toEqual({
      url: '/token',
      authorization: basic('me:s3cr3t'),
      form: { grant_type: 'client_credentials', scope: 'read write' },
    });
  });

  test('is asked for with the scopes of the credential, where it names some or none', async () => {
    await token(plan({ ...CLIENT, scopes: ['mine'] }, { scopes: ['read'] }));
    expect(asked().form).toEqual({ grant_type: 'client_credentials', scope: 'mine' });
    await token(plan({ ...CLIENT, scopes: [] }, { scopes: ['read'] }));
    expect(asked().form).toEqual({ grant_type: 'client_credentials' });
  });

  test('is asked for by the refresh grant where there is a refresh token', async () => {
    const scheme = oauth({
      clientCredentials: { tokenUrl: `${service.url}/token` },
      authorizationCode: { tokenUrl: `${service.url}/code`, refreshUrl: `${service.url}/refresh` },
    });
    await token(plan({ ...CLIENT, refreshToken: 'r1' }, { scheme, scopes: ['read'] }));
    expect(asked()).toMatchObject({ url: '/refresh', form: { grant_type: 'refresh_token', refresh_token: 'r1' } });
  });

  test('is asked for with name and secret form-encoded', async () => {
    await token(plan({ clientId: 'a b:ü', clientSecret: 'p+%/' }));
    expect(asked().authorization).toBe(basic('a+b%3A%C3%BC:p%2B%25%2F'));
  });

  test('of a client without a secret is asked for with its name in the body', async () => {
    await token(plan({ clientId: 'public', clientSecret: '' }));
    expect(asked()).toMatchObject({ authorization: undefined, form: { client_id: 'public' } });
  });

  test.each([
    ['/oauth/token', '/oauth/token'],
    ['oauth/token', '/oauth/token'],
    ['./token?a=b', '/token?a=b'],
  ])('comes from a relative address: %s', async (tokenUrl, url) => {
    await token(plan(CLIENT, { scheme: oauth({ clientCredentials: { tokenUrl } }) }));
    expect(asked().url).toBe(url);
  });

  test('comes from another flow where none is for client credentials', async () => {
    await token(plan(CLIENT, { scheme: oauth({ implicit: {}, password: { tokenUrl: `${service.url}/p` } }) }));
    expect(asked().url).toBe('/p');
  });

  test('may be answered as a form, without a type, and with its lifetime as text', async () => {
    answer = () => [200, 'access_token=old&expires_in=100', 'application/x-www-form-urlencoded; charset=utf-8'];
    expect(await token()).toBe('old');
    await clock.advance(89_000);
    await token();
    expect(service.requests).toHaveLength(1);
    await clock.advance(1_001);
    await token();
    expect(service.requests).toHaveLength(2);
  });
});

describe('a client that the service does not know by its header', () => {
  const inBodyOnly: Answer = ({ headers }, form) =>
    headers.some(([name]) => name.toLowerCase() === 'authorization') || form.get('client_secret') !== 's3cr3t'
      ? [400, { error: 'invalid_client' }]
      : [200, { access_token: `t${(issued += 1)}`, expires_in: 10 }];

  test('is named in the body, and from then on at once', async () => {
    answer = inBodyOnly;
    expect(await token()).toBe('t1');
    expect(service.requests).toHaveLength(2);
    expect(asked()).toMatchObject({ authorization: undefined, form: { client_id: 'me', client_secret: 's3cr3t' } });
    await clock.advance(60_000);
    expect(await token()).toBe('t2');
    expect(service.requests).toHaveLength(3);
  });

  test('is refused in the service’s own word', async () => {
    answer = () => [401, { error: 'invalid_client', error_description: 's3cr3t is wrong' }];
    const error = await failure(token());
    expect(error.message).toBe(`No token: POST ${service.url}/token answered 401 (invalid_client)`);
    expect(service.requests).toHaveLength(2);
  });
});

describe('a token is kept', () => {
  test('until a little before it expires', async () => {
    expect([await token(), await token()]).toEqual(['token-1', 'token-1']);
    await clock.advance(3_569_999);
    expect(await token()).toBe('token-1');
    await clock.advance(1);
    expect(await token()).toBe('token-2');
  });

  test('for five minutes where the service does not say, and not at all where it says zero', async () => {
    answer = () => [200, { access_token: `token-${(issued += 1)}` }];
    await token();
    await clock.advance(269_999);
    expect(await token()).toBe('token-1');
    await clock.advance(1);
    expect(await token()).toBe('token-2');
    answer = () => [200, { access_token: `token-${(issued += 1)}`, expires_in: 0 }];
    await clock.advance(300_000);
    expect([await token(), await token()]).toEqual(['token-3', 'token-4']);
  });

  test('but not when the clock was turned back beyond its start', async () => {
    await token();
    clock.jump(clock.now() - 1);
    expect(await token()).toBe('token-2');
  });

  test('apart for other secrets, scopes and addresses', async () => {
    const keys = [
      plan(),
      plan({ ...CLIENT, clientSecret: 'other' }),
      plan({ ...CLIENT, clientId: 'you' }),
      plan({ ...CLIENT, scopes: ['a'] }),
      plan({ ...CLIENT, refreshToken: 'r' }),
      plan(CLIENT, { scheme: oauth({ clientCredentials: { tokenUrl: `${service.url}/two` } }) }),
    ].map(({ wanted }) => wanted[0]?.key);
    expect(new Set(keys).size).toBe(6);
    expect(plan(CLIENT, { scopes: ['b', 'a'] }).wanted[0]?.key).toBe(
      plan({ ...CLIENT, scopes: ['a', 'b'] }).wanted[0]?.key,
    );
    expect(JSON.stringify(keys)).not.toContain('s3cr3t');
  });

  test('in no greater number than was said', async () => {
    source = new TokenSource(caller, clock, { maxEntries: 2 });
    for (const name of ['a', 'b', 'c', 'a']) await token(plan({ ...CLIENT, clientId: name }));
    expect(service.requests).toHaveLength(4);
  });
});

describe('a token is asked for once', () => {
  test('however many calls want it', async () => {
    gate = new Gate();
    const waiting = Array.from({ length: 1_000 }, () => token());
    await eventually('the request', () => service.requests.length > 0);
    gate.open();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['token-1']));
    expect(service.requests).toHaveLength(1);
  });

  test('however many calls were refused with it', async () => {
    const wanted = plan();
    const sent = await source.ready(wanted, WAIT);
    gate = new Gate();
    const waiting = Array.from({ length: 100 }, () => {
      source.refused(wanted, sent);
      return token(wanted);
    });
    await eventually('the request', () => service.requests.length > 1);
    gate.open();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['token-2']));
    source.refused(wanted, sent);
    expect(await token(wanted)).toBe('token-2');
    expect(service.requests).toHaveLength(2);
  });

  test('and again once asking has failed', async () => {
    answer = () => [503, 'down'];
    const errors = await Promise.all([failure(token()), failure(token())]);
    expect(errors.map((error) => error.message)).toEqual(
      Array.from({ length: 2 }, () => `No token: POST ${service.url}/token answered 503`),
    );
    expect(errors[0]).toMatchObject({ fault: 'CALL_TOKEN_UNAVAILABLE', sent: false });
    expect(service.requests).toHaveLength(1);
    answer = () => [200, { access_token: 'back' }];
    expect(await token()).toBe('back');
  });

  test('even if the first to want it gives up', async () => {
    gate = new Gate();
    const stop = new AbortController();
    const reason = new Error('stopped');
    const first = source.ready(plan(), { ...WAIT, signal: stop.signal });
    const second = token();
    await eventually('the request', () => service.requests.length > 0);
    stop.abort(reason);
    await expect(first).rejects.toBe(reason);
    gate.open();
    expect(await second).toBe('token-1');
    expect(service.requests).toHaveLength(1);
  });
});

test('a refresh token that the service replaces is used from then on', async () => {
  answer = (_, form) => [
    200,
    { access_token: `a${(issued += 1)}`, refresh_token: `${form.get('refresh_token') ?? ''}+`, expires_in: 60 },
  ];
  const wanted = plan({ ...CLIENT, refreshToken: 'r' });
  for (const expected of ['r', 'r+', 'r++']) {
    await token(wanted);
    expect(asked().form.refresh_token).toBe(expected);
    await clock.advance(60_000);
  }
});

describe('OpenID Connect', () => {
  const scheme = (path: string): SecurityScheme => ({ type: 'openIdConnect', openIdConnectUrl: path });

  test('tells where tokens come from, for an hour', async () => {
    const wanted = plan(CLIENT, { scheme: scheme('/.well-known/openid-configuration') });
    for (const hour of [0, 1, 2]) {
      expect(await token(wanted)).toBe(`token-${hour + 1}`);
      await clock.advance(3_599_999);
    }
    const paths = service.requests.map(({ url }) => url);
    expect(paths.filter((path) => path === '/found')).toHaveLength(3);
    expect(paths.filter((path) => path !== '/found')).toHaveLength(2);
  });

  test('that names no address is told', async () => {
    const error = await failure(token(plan(CLIENT, { scheme: scheme(`${service.url}/bad/openid-configuration`) })));
    expect(error.message).toBe(
      `No token: the answer of GET ${service.url}/bad/openid-configuration names no http or https token_endpoint`,
    );
  });
});

describe('a token that cannot be had', () => {
  test.each<[unknown, string]>([
    ['<html>', 'is not a JSON object'],
    ['null', 'is not a JSON object'],
    [{}, 'has no access_token'],
    [{ access_token: 5 }, 'has no access_token'],
    [{ access_token: 'a\r\nEvil: 1' }, 'has no access_token'],
    [{ access_token: 's3cr3t', token_type: 'mac' }, 'has a token_type other than Bearer'],
  ])('because the answer is %j', async (body, words) => {
    answer = () => [200, body];
    const error = await failure(token());
    expect(error).toMatchObject({
      message: `No token: the answer of POST ${service.url}/token ${words}`,
      fault: 'CALL_TOKEN_REFUSED',
      sent: false,
    });
  });

  test.each([
    [{ error: 'invalid_scope' }, '400 (invalid_scope)'],
    [{ error: 'secret s3cr3t' }, '400'],
    [{ error: 'not-s3cr3t-again' }, '400'],
    [{ error: 'x'.repeat(81) }, '400'],
    ['nothing', '400'],
  ])('because it is refused: %j', async (body, words) => {
    answer = () => [400, body];
    expect((await failure(token())).message).toBe(`No token: POST ${service.url}/token answered ${words}`);
  });

  test('because the endpoint is not there, which counts as not sent', async () => {
    const scheme = oauth({ clientCredentials: { tokenUrl: 'http://user:pass@127.0.0.1:1/token?key=s3cr3t' } });
    expect(await failure(token(plan(CLIENT, { scheme })))).toMatchObject({
      message: 'No token: POST http://127.0.0.1:1/token: connection refused',
      fault: 'CALL_NO_CONNECTION',
      sent: false,
    });
  });

  test('because the endpoint redirects, for the secret goes nowhere else', async () => {
    const scheme = oauth({ clientCredentials: { tokenUrl: `${service.url}/moved` } });
    expect((await failure(token(plan(CLIENT, { scheme })))).message).toBe(
      `No token: POST ${service.url}/moved answered 307`,
    );
    expect(service.requests).toHaveLength(1);
  });

  test('because the call’s time is over', async () => {
    const scheme = oauth({ clientCredentials: { tokenUrl: `${service.url}/never` } });
    const failed = failure(token(plan(CLIENT, { scheme }), { timeoutMs: 50 }));
    await eventually('the request', () => service.requests.length > 0);
    await clock.advance(50);
    expect(await failed).toMatchObject({ code: 'CALL_TIMEOUT', sent: false });
  });

  test('because the endpoint does not answer', async () => {
    source = new TokenSource(caller, clock, { timeoutMs: 50 });
    const scheme = oauth({ clientCredentials: { tokenUrl: `${service.url}/never` } });
    expect(await failure(token(plan(CLIENT, { scheme })))).toMatchObject({
      message: `No token: POST ${service.url}/never: no whole answer within 50 ms`,
      sent: false,
    });
  });

  test.each([
    [oauth({ implicit: {} }), 'names no token URL'],
    [oauth({ password: { tokenUrl: 'ftp://h/token' } }), 'is no address'],
    [{ type: 'openIdConnect', openIdConnectUrl: '' } as const, 'names no token URL'],
  ])('because the document does not say where: %j', (scheme, words) => {
    expect(() => plan(CLIENT, { scheme })).toThrow(words);
  });
});

describe('a plan', () => {
  test('wants no token where one is given by hand, or for a scheme that the call does not use', () => {
    expect(plan(CLIENT, { input: { headers: { authorization: 'Bearer mine' } } }).wanted).toEqual([]);
    const operation = tables.operation();
    const table = tables.table([operation], { securitySchemes: { auth: oauth({ implicit: {} }) } });
    expect(planTokens(table, operation, { credentials: { auth: CLIENT } }).wanted).toEqual([]);
  });

  test('tells calls apart by their client, whatever token is current', async () => {
    const wanted = plan();
    await token(wanted);
    expect(plan().standIns).toEqual(wanted.standIns);
    expect(plan({ ...CLIENT, clientSecret: 'x' }).standIns).not.toEqual(wanted.standIns);
    expect(JSON.stringify(wanted.standIns)).not.toMatch(/s3cr3t|token-1/);
  });
});
