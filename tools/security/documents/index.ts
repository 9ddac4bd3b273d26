import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '#core';
import { CallboardClient } from '../../../test/e2e/callboard-client.js';
import { startStandalone } from '../../../test/e2e/deployment.js';
import type { Standalone } from '../../../test/e2e/deployment.js';
import { startEcho } from '../../../test/e2e/echo.js';
import type { SuiteReport, Tell } from '../suite.js';
import { hostileDocuments } from './collection.js';
import { importClients } from './import-clients.js';
import type { Files } from './judge.js';
import { Journey } from './journey.js';
import { SERVICE_NAMES } from './tricks.js';

const AT_ONCE = 3;
/** Stands in a file to which documents refer. */
const SECRET = 'the content of a file of the host';
const PLAIN = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Plain', version: '1' },
  paths: { '/a': { get: { operationId: 'first', responses: { 200: { description: 'OK' } } } } },
});

/**
 * Hostile documents, each the whole way: registered with a standalone Callboard, generated, reviewed, downloaded, called; its
 * client imported in a process that can do nothing else. Nothing of a document may run, leave its string, be fetched, be read
 * or stop Callboard.
 */
export async function run(tell: Tell): Promise<SuiteReport> {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-bait-'));
  const file = join(folder, 'secret.yaml');
  await writeFile(file, `secret: ${SECRET}\n`);
  const [service, bait, standalone] = await Promise.all([startEcho(), startBait(), startStandalone()]);
  try {
    return await attack(standalone, { server: service.address, bait: bait.address, file }, () => bait.visits(), tell);
  } finally {
    await Promise.all([service.stop(), bait.stop(), standalone.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

async function attack(
  standalone: Standalone,
  surroundings: { server: string; bait: string; file: string },
  visits: () => number,
  tell: Tell,
): Promise<SuiteReport> {
  const callboard = new CallboardClient(standalone);
  let plain: Files = {};
  const journey = new Journey(callboard, () => plain);
  const plainId = await callboard.register('plain', PLAIN);
  await callboard.specEnded(plainId);
  plain = await journey.clientOf(plainId);

  const failures: string[] = [];
  const clients = new Map<string, Files>();
  const documents = [
    ...hostileDocuments(surroundings).map((document, index) => ({ document, service: `hostile-${index}` })),
    ...SERVICE_NAMES.map((name) => ({
      document: { name: `a service by the name ${JSON.stringify(name.slice(0, 40))}`, bytes: Buffer.from(PLAIN) },
      service: name,
    })),
  ];
  let tried = 0;
  const queue = documents.values();
  const work = async (): Promise<void> => {
    for (const { document, service } of queue) {
      const { faults, files } = await journey
        .make(document, service)
        .catch((error: unknown) => ({ faults: [messageOf(error)], files: null }));
      failures.push(...faults.map((fault) => `${document.name}: ${fault}`));
      if (files !== null) clients.set(document.name, files);
      if (files !== null && Object.values(files).some((text) => text.includes(SECRET)))
        failures.push(`${document.name}: it has read a file`);
      tell((tried += 1));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  failures.push(...(await importClients(clients)), ...(await afterwards(standalone, callboard)));
  if (visits() > 0) failures.push(`Documents had ${visits()} connections made.`);
  if (clients.size < documents.length / 2)
    failures.push(`Only ${clients.size} of ${documents.length} documents became clients: too few to judge.`);
  return { name: 'documents', tried, through: failures.length, failures };
}

/** What must hold after all of them. */
async function afterwards(standalone: Standalone, callboard: CallboardClient): Promise<string[]> {
  const failures: string[] = [];
  if (standalone.process.child.exitCode !== null) failures.push('Callboard has ended.');
  const { status } = await callboard.specEnded(await callboard.register('afterwards', PLAIN));
  if (status !== 'SUCCESS') failures.push(`A plain document ended with ${status} afterwards.`);
  const complaint = /unhandled|uncaught|FATAL|heap out of memory/i.exec(standalone.output());
  if (complaint) failures.push(`Callboard has written ${JSON.stringify(complaint[0])}.`);
  const names = await readdir(standalone.generatedClients);
  const odd = names.filter((name) => !/^[A-Za-z0-9]{16}$/.test(name));
  if (odd.length > 0) failures.push(`Among the generated clients there is ${JSON.stringify(odd)}.`);
  const beside = (await readdir(join(standalone.generatedClients, '..'))).filter(
    (name) => name !== 'data' && name !== 'generated-clients',
  );
  if (beside.length > 0) failures.push(`Beside the generated clients there is ${JSON.stringify(beside)}.`);
  return failures;
}

/** A listener that counts who comes. */
async function startBait(): Promise<{ address: string; visits: () => number; stop: () => Promise<void> }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    visits: () => visits,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
