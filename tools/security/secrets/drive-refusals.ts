import { driveMalformed } from './drive-malformed.js';
import type { Kind } from './marks.js';
import type { Scene } from './scene.js';

const STRICT = { prefer: 'handling=strict' };
const CALL = { service: 'leaky', method: 'POST', key: 'tenant', retry: { attempts: 1 } };
const ECHO = { ...CALL, endpoint: '/echo/{id}', url_params: { id: '1' } };

/**
 * Secrets where they cannot be right: of a wrong type or form, too long, under no known name, in what cannot be read. Whoever gave
 * them is told the place, and no more of them than anybody else.
 * @returns the trace ids of calls that are kept, and fail when they are to be made.
 */
export async function driveRefusals(scene: Scene): Promise<string[]> {
  await contradictions(scene);
  await driveMalformed(scene);
  return [...(await doomedCalls(scene)), ...(await serverVariables(scene))];
}

/** Calls that contradict their document, one by one and in a batch; without strict handling they are kept. */
async function contradictions(scene: Scene): Promise<void> {
  const { asking } = scene;
  for (const body of contradicting(scene)) {
    await asking.refused(422, 'createSchedulerProcess', { body, headers: STRICT });
  }
  const batch = { body: { processes: contradicting(scene) }, headers: STRICT };
  const { results } = (await asking.made('createSchedulerProcesses', batch)).body as { results: object[] };
  if (results.some((each) => !('faults' in each))) throw new Error('Expected each call of a batch to be refused.');
}

function contradicting({ marks }: Scene) {
  const of = (what: string, kind: Kind = 'body') => marks.plant(`${what} that contradicts a document`, kind);
  const strict = { ...CALL, endpoint: '/strict/{id}', url_params: { id: 1 } };
  const rules = (what: string, kind: Kind) => ({
    ...Object.fromEntries(
      ['count', 'mode', 'code', 'short', 'at', 'kind'].map((name) => [name, of(`${name} of ${what}`, kind)]),
    ),
    list: [1, of(`an item of ${what}`, kind)],
  });
  const body = {
    ...rules('a body', 'body'),
    pin: marks.plantNumber('a number of a body', 'body'),
    either: of('what fits no alternative'),
    never: of('what is ruled out'),
    map: { [of('a name in a map')]: of('a value in a map') },
    maps: { [of('a name above others')]: { size: of('a deep value in a map') } },
    patterned: { [`x-${of('a name of a pattern')}`]: of('a value of a pattern'), [of('a name of no pattern')]: 1 },
    names: { [of('a name that is too long')]: 1 },
    evaluated: { a: of('a value beside what is unevaluated'), b: of('what is unevaluated') },
    files: [{ $file: { base64: `!${of('base64 that is none')}` } }, { $file: { blob: [of('a blob that is a list')] } }],
    unknown: of('an unknown property'),
    [`a ${of('a name that is none')}`]: 1,
  };
  const json = { ...strict, content_type: 'application/json' };
  const typed = {
    count: of('a field'),
    password: of('a password'),
    nested: { [of('a deep name')]: of('a deep field') },
  };
  return [
    { ...json, req_body: body },
    ...[of('a body'), [of('a body in a list')], marks.plantNumber('a body that is a number', 'body')].map((each) => ({
      ...json,
      req_body: each,
    })),
    ...['application/x-www-form-urlencoded', 'multipart/form-data'].map((type) => ({
      ...{ ...strict, content_type: type },
      req_body: {
        ...rules(type, 'body'),
        bytes: `!${of(`a file of ${type}`)}`,
        [of('a made-up field')]: { $file: { base64: `!${of('a made-up file')}` } },
      },
    })),
    { ...strict, content_type: 'text/plain', req_body: of('a text') },
    { ...strict, content_type: 'application/octet-stream', req_body: `!${of('bytes')}` },
    { ...strict, content_type: `text/${of('a content type', 'field of ours')}`, req_body: {} },
    { ...strict, headers: { 'content-type': `text/${of('a Content-Type', 'header')}` }, req_body: {} },
    {
      ...strict,
      url_params: {
        id: of('a path parameter', 'parameter'),
        other: of('one that is unknown', 'parameter'),
        [`a ${of('a name of one', 'parameter')}`]: 1,
      },
      query_params: {
        ...rules('a query', 'parameter'),
        filter: { age: of('a deep parameter', 'parameter') },
        json: of('a parameter as JSON', 'parameter'),
      },
      headers: { 'x-header': of('a header', 'header') },
      cookie_params: { 'x-cookie': of('a cookie', 'header') },
    },
    { ...CALL, endpoint: '/typed/{id}', url_params: { id: 1 }, req_body: typed },
    { ...CALL, endpoint: `/echo/{id}?token=${of('a query of an endpoint', 'field of ours')}` },
    { ...CALL, endpoint: `/echo/${of('a value in an endpoint', 'field of ours')}` },
    { ...CALL, endpoint: `http://me:${of('a password in an endpoint', 'field of ours')}@h/nothing` },
    {
      ...ECHO,
      credentials: {
        [`a ${of('a credential that is a name', 'credential')}`]: { token: of('its token', 'credential') },
      },
    },
    {
      ...ECHO,
      credentials: {
        bearer: { username: of('a user name of a token', 'credential'), password: of('its password', 'credential') },
      },
    },
  ];
}

/** Calls that are kept, and fail when they are to be made. */
async function doomedCalls(scene: Scene): Promise<string[]> {
  const { asking, marks } = scene;
  const of = (what: string, kind: Kind = 'body') => marks.plant(`${what} of a doomed call`, kind);
  const multipart = { ...ECHO, content_type: 'multipart/form-data' };
  const traceIds: string[] = [];
  for (const body of [
    ...contradicting(scene),
    { ...ECHO, req_body: { $file: { blob: `uploads/${of('a blob that is none')}` } } },
    { ...multipart, req_body: [of('a multipart body that is a list')] },
    { ...multipart, req_body: of('a multipart body that is a text') },
    { ...multipart, req_body: { [of('a name of a part')]: { $file: { base64: `!${of('a part that is none')}` } } } },
    {
      ...multipart,
      req_body: { [of('a name of a typed part')]: { $file: { base64: '', content_type: of('its type') } } },
    },
    {
      ...ECHO,
      content_type: 'application/octet-stream',
      req_body: { $file: { base64: `!${of('bytes that are none')}` } },
    },
    { ...ECHO, url_params: { id: { a: { b: of('a path parameter that is an object', 'parameter') } } } },
    { ...ECHO, query_params: { 'x-query': { a: { b: of('a query parameter that is an object', 'parameter') } } } },
    { ...ECHO, query_params: { 'x-more': of('a query parameter that is not declared', 'parameter') } },
    { ...ECHO, headers: { 'x-header': { a: `${of('a header with a line break inside', 'header')}\n` } } },
  ]) {
    traceIds.push(await asking.makes('createSchedulerProcess', { body }));
  }
  return traceIds;
}

/** Variables of servers whose values are not allowed, or stand in the address of a service that is away. */
async function serverVariables({ asking, marks }: Scene): Promise<string[]> {
  const variables = { tenant: { default: 'x' }, mode: { default: 'a', enum: ['a', 'b'] } };
  const servers = [{ url: 'http://127.0.0.1:9/{tenant}/{mode}', variables }];
  const paths = { '/echo': { get: { responses: { 200: { description: 'OK' } } } } };
  const document = { openapi: '3.1.0', info: { title: 'Variable', version: '1' }, servers, paths };
  const traceIds: string[] = [];
  for (const variable of ['tenant', 'mode']) {
    const name = `variable-${variable}`;
    const given = { [variable]: marks.plant(`the server variable ${variable}`, 'parameter') };
    const spec = Buffer.from(JSON.stringify(document)).toString('base64');
    await asking.ended(
      'getSpecStatus',
      await asking.makes('createSpec', { body: { name, headers: {}, spec, server_variables: given } }),
    );
    const body = { ...CALL, service: name, method: 'GET', endpoint: '/echo' };
    traceIds.push(await asking.makes('createSchedulerProcess', { body }));
  }
  return traceIds;
}
