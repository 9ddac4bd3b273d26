import { connect } from 'amqplib';
import { encodeMessage, messageOf, newTraceId } from '#core';
import { Encryption, KeyRing } from '#encryption';
import { sealMessage } from '../../../libs/adapters/bus/message-data.js';
import { topologyOf } from '../../../libs/adapters/bus/rabbitmq/topology.js';
import { isolated, startDistributed, until } from '../../../test/e2e/deployment.js';
import type { Distributed } from '../../../test/e2e/deployment.js';
import type { SuiteReport, Tell } from '../suite.js';
import { searchAtRest, searchQueues } from './at-rest.js';
import { drive } from './drive.js';
import type { Scene } from './scene.js';
import { Search } from './search.js';
import { Setting } from './setting.js';
import { Tap } from './tap.js';

const MODE = { GLOGS_LOG_TYPE: 'json', GLOGS_LEVEL: 'trace', HEADERS_IN_RESPONSES: 'plain' } as const;
const DEADLINE_MS = 60_000;
/** The servers, by the variables that name them. */
const SERVERS = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT'] as const;
type Taps = Readonly<Record<(typeof SERVERS)[number], Tap>>;

/**
 * The same of an installation of several processes on servers of their own: all that its processes print and answer, all
 * that lies on the servers, and every byte that goes to them and comes from them, also while they are away and workers die.
 */
export async function searchDistributed(servers: Record<string, string>, tell: Tell): Promise<SuiteReport> {
  const own = isolated(servers);
  const setting = await Setting.make(MODE);
  const search = new Search(setting.marks, `on servers, ${setting.how}`, tell);
  const taps = Object.fromEntries(
    await Promise.all(SERVERS.map(async (name) => [name, await Tap.to(own[name] ?? '')] as const)),
  ) as Taps;
  const tapped = Object.fromEntries(SERVERS.map((name) => [name, taps[name].address]));
  let installation: Distributed | undefined;
  try {
    // Its health needs a token.
    installation = await startDistributed({ ...own, ...tapped, ...setting.env }, { untilConnected: false });
    const scene = await setting.scene(installation);
    await connected(scene);
    await sendWrong(scene, own, setting.env.CALLBOARD_ENCRYPTION_KEY ?? '');
    await drive(scene);
    await searchAtRest(own, search);
    await killWorkers(scene, installation, own, search);
    await endWithoutDatabase(scene, taps);
    for (const name of SERVERS) await cut(scene, taps[name]);
    await searchAtRest(own, search);
    await installation.stop();
    search.answers(scene.asking.answers);
    search.in('what its processes printed', Buffer.from(installation.output()));
    for (const { url, body } of setting.collector.requests) search.in(`traces sent to ${url}`, body);
    for (const name of SERVERS) {
      for (const bytes of taps[name].bytes) search.in(`what went to and from ${name}`, bytes);
    }
  } catch (error) {
    search.fail(messageOf(error));
  } finally {
    await installation?.stop().catch(() => undefined);
    await setting.end();
    await Promise.all(SERVERS.map((name) => taps[name].close()));
  }
  return { name: 'secrets-distributed', ...search.report };
}

/** Every process has all of its servers. */
async function connected({ asking, deployment, metricsToken }: Scene): Promise<void> {
  const headers = { authorization: `Bearer ${metricsToken}` };
  const addresses = [
    `${deployment.api}/v1/api/health`,
    ...deployment.workers.map((each) => `${each}/v1/worker/health`),
  ];
  for (const address of addresses) {
    await until(`${address} to be ready`, DEADLINE_MS, async () => {
      return (await asking.send('health', 'GET', address, { headers })).status === 200;
    });
  }
}

/** A message that only we can have encrypted, and that no worker can deal with: it becomes a dead letter. */
async function sendWrong({ marks }: Scene, servers: Record<string, string>, key: string): Promise<void> {
  const keys = KeyRing.parse(key);
  if (!keys) throw new Error('Expected an encryption key, got none.');
  const encryption = new Encryption(keys);
  const model = await connect(servers.RABBITMQ_URL ?? '');
  const channel = await model.createConfirmChannel();
  for (const data of [
    { attempt: 1, status: marks.plant('the status of a wrong message', 'body') },
    { attempt: 1, status: 'SUCCESS', response: { status: 200, headers: [marks.plant('a header of one', 'body')] } },
    marks.plant('a message that is a text', 'body'),
  ]) {
    const type = 'SCHEDULER_PROCESS_RESPONSE';
    const message = sealMessage({ traceId: newTraceId(), timestamp: Date.now(), type, data }, encryption);
    channel.sendToQueue(topologyOf(servers.RABBITMQ_PREFIX).queues[type], Buffer.from(encodeMessage(message)));
  }
  await channel.waitForConfirms();
  await model.close();
}

function call({ marks }: Scene, way: string, what: string) {
  return {
    ...{
      service: 'leaky',
      method: 'POST',
      endpoint: `/${way}/{id}`,
      content_type: 'application/json',
      timeout_ms: 5_000,
    },
    headers: { 'x-header': marks.plant(`a header of a call ${what}`, 'header') },
    url_params: { id: marks.plant(`a path parameter of a call ${what}`, 'parameter') },
    req_body: { password: marks.plant(`a body of a call ${what}`, 'body'), text: 'x'.repeat(100_000) },
    credentials: { bearer: { token: marks.plant(`a credential of a call ${what}`, 'credential') } },
    retry: { unsafe: true },
  };
}

/** Some die over their calls; while there are none, calls lie in queues. */
async function killWorkers(scene: Scene, installation: Distributed, servers: Record<string, string>, search: Search) {
  const { asking } = scene;
  const schedule = (way: string, what: string) => {
    return asking.makes('createSchedulerProcess', { body: call(scene, way, what) });
  };
  const traceIds = [await schedule('silent', 'whose worker dies'), await schedule('silent', 'whose worker dies')];
  await installation.replaceWorkers(async () => {
    traceIds.push(await schedule('echo', 'without workers'), await schedule('large', 'without workers'));
    if ((await searchQueues(servers, search)) === 0) search.fail('Expected messages in queues, got none,');
  });
  for (const traceId of traceIds) await asking.ended('getSchedulerProcessStatus', traceId);
}

/** A call ends while the database is away: only then does an answer go over the bus. */
async function endWithoutDatabase(scene: Scene, taps: Taps): Promise<void> {
  const { asking, service } = scene;
  const body = { ...call(scene, 'held', 'that ends without a database'), timeout_ms: DEADLINE_MS };
  const traceId = await asking.makes('createSchedulerProcess', { body });
  await until('the service to be called', DEADLINE_MS, async () => service.held > 0);
  taps.MONGODB_URI.cut();
  service.letGo();
  const told = new RegExp(`"${traceId}","timestamp":"[^"]*","type":"SCHEDULER_PROCESS_RESPONSE"`);
  await until('the answer to go over the bus', DEADLINE_MS, async () => {
    return taps.RABBITMQ_URL.bytes.some((bytes) => told.test(bytes.toString('latin1')));
  });
  taps.MONGODB_URI.mend();
  await connected(scene);
  await asking.ended('getSchedulerProcessStatus', traceId);
}

/** A server is away for a while: what is asked meanwhile fails, or is made good for. */
async function cut(scene: Scene, tap: Tap): Promise<void> {
  const { asking, marks } = scene;
  tap.cut();
  const answered = await asking.ask('createSchedulerProcess', { body: call(scene, 'large', 'without a server') });
  await asking.ask('createSpec', {
    body: {
      name: 'away',
      headers: { 'x-spec': marks.plant('a header of a Spec without a server', 'header') },
      spec: Buffer.from(
        `{"openapi": "3.1.0", "info": "${marks.plant('a document without a server', 'document')}"}`,
      ).toString('base64'),
    },
  });
  const body = Buffer.from(marks.plant('an upload without a server', 'upload').padEnd(200_000));
  await asking.ask('uploadBlob', { body });
  for (const id of ['listSpecs', 'listSchedulerProcesses', 'listAuditRecords', 'listDeadLetters', 'listApiKeys']) {
    await asking.ask(id, { path: { offset: 0, limit: 1 }, shows: ['header', 'parameter', 'field of ours'] });
  }
  tap.mend();
  await connected(scene);
  const { trace_id: traceId } = answered.body;
  if (typeof traceId === 'string') await asking.ended('getSchedulerProcessStatus', traceId);
}
