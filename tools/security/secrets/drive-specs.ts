import { createPrivateKey } from 'node:crypto';
import { until } from '../../../test/e2e/deployment.js';
import { CERTIFICATE, KEY } from '../../../libs/client-runtime/http/http2.test-kit.js';
import { leakyDocument, TOKENS } from './document.js';
import type { Kind } from './marks.js';
import { fieldsOf } from './scene.js';
import type { Scene } from './scene.js';

const SDK_DEADLINE_MS = 180_000;
const GENERATOR = 'go';

/** A certificate whose key is a secret, and what that is encrypted with. */
export function certificate({ marks }: Scene) {
  const passphrase = marks.plant('the passphrase of a private key', 'credential');
  const key = createPrivateKey(KEY).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  return {
    certificate: CERTIFICATE,
    private_key: marks.watch('an encrypted private key', 'credential', key.toString()),
    passphrase,
  };
}

function oauth({ marks }: Scene, what: string) {
  const plant = (field: string) => marks.plant(`${field} of ${what}`, 'credential');
  return {
    client_id: 'client',
    client_secret: plant('an OAuth client secret'),
    refresh_token: plant('a refresh token'),
  };
}

/** The Spec of all that can leak, in its second version, with secrets of each kind. @returns its trace id */
export async function registerLeaky(scene: Scene): Promise<string> {
  const { asking, marks, service } = scene;
  const plant = (place: string, kind: Kind = 'credential') => marks.plant(place, kind);
  const fields = {
    headers: {
      Authorization: `Bearer ${plant('the Authorization of a Spec', 'header')}`,
      'x-spec': plant('a header of a Spec', 'header'),
    },
    credentials: {
      key: { value: plant('an API key of a Spec') },
      basic: { username: plant('a user name of a Spec'), password: plant('a password of a Spec') },
      bearer: { token: plant('a bearer token of a Spec') },
      oauth: oauth(scene, 'a Spec'),
      ...Object.fromEntries(TOKENS.map((how) => [how, oauth(scene, `a token endpoint (${how})`)])),
    },
    url: service.address,
    server_variables: { tenant: plant('a server variable', 'parameter') },
    limits: { requests: 10_000, seconds: 1 },
  };
  const document = leakyDocument(service.address, marks);
  const spec = (text: string) => Buffer.from(text).toString('base64');
  const body = { ...fields, name: 'leaky', spec: spec(document) };
  await asking.made('validateSpec', { body });
  const userinfo = service.address.replace(
    'http://',
    `http://user:${plant("userinfo in a Spec's address", 'header')}@`,
  );
  await asking.ask('createSpec', { body: { ...body, name: 'refused', url: userinfo } });
  const traceId = await asking.makes('createSpec', { body });
  await asking.ended('getSpecStatus', traceId);
  const later = { ...fields, headers: { ...fields.headers, 'x-spec': plant('a header of a PUT', 'header') } };
  const changed = document.replace('"Leaky"', '"Leakier"');
  await asking.made('changeSpec', { path: { trace_id: traceId }, body: { ...later, spec: spec(changed) } });
  await asking.ended('getSpecStatus', traceId);
  return traceId;
}

/** Every operation of a Spec, and documents that are wrong. */
export async function driveSpecs(scene: Scene, spec: string): Promise<void> {
  const { asking, marks } = scene;
  const path = { trace_id: spec };
  for (const text of [
    `{"openapi": "3.1.0", ${marks.plant('a broken document', 'document')}`,
    `openapi: [${marks.plant('broken YAML', 'document')}`,
  ]) {
    const body = { name: 'broken', headers: {}, spec: Buffer.from(text).toString('base64') };
    await asking.ask('validateSpec', { body });
    const traceId = await asking.makes('createSpec', { body });
    await asking.ended('getSpecStatus', traceId);
    await asking.made('getSpecReport', { path: { trace_id: traceId } });
    await asking.made('removeSpec', { path: { trace_id: traceId } });
  }
  const shows = fieldsOf(scene);
  const all = { query: { spec: 'true', client: 'true' }, shows: fieldsOf(scene, 'document') };
  await asking.made('getSpec', { path, shows });
  await asking.made('getSpec', { path, query: { client: 'true' }, shows });
  await asking.made('getSpec', { path, ...all });
  await asking.made('listSpecs', { path: { offset: 0, limit: 100 }, shows });
  await asking.made('getSpecVersion', { path: { ...path, version: 1 }, query: { client: 'true' } });
  await asking.made('getSpecVersion', { path: { ...path, version: 2 }, ...all });
  for (const id of ['findOperations', 'downloadClient', 'getSpecReport', 'listSpecVersions', 'diffSpecVersions']) {
    await asking.made(id, { path });
  }
  await asking.made('pauseSpec', { path, body: { key: 'tenant' } });
  await asking.made('resumeSpec', { path, body: { key: 'tenant' } });
  await driveSdks(scene, spec);
}

/** By a program of others, whose own output is told when it fails. */
async function driveSdks({ asking }: Scene, spec: string): Promise<void> {
  await asking.made('listSdks', { path: { trace_id: spec } });
  const path = { trace_id: spec, generator: GENERATOR };
  const asked = await asking.ask('createSdk', { path });
  if (asked.status === 202) {
    await until('an SDK to be made', SDK_DEADLINE_MS, async () => {
      return !/"status":"(WAITING|IN_PROGRESS)"/.test((await asking.ask('downloadSdk', { path })).text);
    });
  }
  await asking.ask('downloadSdk', { path });
}
