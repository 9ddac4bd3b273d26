// npm run bench -- encryption: throughput and CPU time of standalone, as it is and without ciphers, in turns.
//   [--calls 10000] [--connections 50] [--concurrency 50] [--rounds 5]
import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare, root } from '../setup.mjs';
import { cpuOfWork, startStandalone } from './app.mjs';
import { Client } from './client.mjs';
import { median, throughput } from './load.mjs';
import { bar, figure, perSecond, title } from './report.mjs';
import { startUpstream } from './start-upstream.mjs';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '50' },
    concurrency: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '5' },
  },
});
const [calls, connections, concurrency, rounds] = ['calls', 'connections', 'concurrency', 'rounds'].map((name) =>
  Number(values[name]),
);
/** Values keep their lengths and go the same ways; only ciphers and keys are left out. */
const WITHOUT_CIPHERS = `
Encryption.prototype.encrypt = function (place, field, plain, root = this.keys.current) {
  const sealed = Buffer.alloc(OVERHEAD_BYTES + plain.length);
  sealed[0] = VERSION;
  root.id.copy(sealed, 1);
  sealed.set(plain, CONTENT_AT);
  return sealed;
};
Encryption.prototype.decrypt = (place, field, sealed) => sealed.subarray(CONTENT_AT, -TAG_BYTES);
`;

await prepare();
const upstream = await startUpstream();
const started = [upstream];
try {
  const home = await buildWithoutCiphers();
  started.push({ stop: () => rm(home, { recursive: true }) });
  const [encrypted, plain] = [await side(root), await side(home)];
  for (let round = 0; round < rounds; round += 1) {
    for (const each of round % 2 === 0 ? [encrypted, plain] : [plain, encrypted]) await each.run(`round-${round}`);
  }
  title(`${calls} calls of a 1 KB GET, as it is and without ciphers, median of ${rounds} rounds`);
  for (const [name, { rates, cpu }] of Object.entries({ 'as it is': encrypted, 'without ciphers': plain })) {
    figure(name, `${perSecond(median(rates))} (${rates.map(Math.round).join(', ')})`);
    figure('its CPU time a call', `${Math.round(median(cpu))} µs`);
  }
  const ratio = median(encrypted.rates.map((rate, round) => rate / plain.rates[round]));
  bar('the one beside the other', `${ratio.toFixed(2)}×`, ratio >= 0.9, 'at least 0.9×');
  const took = median(encrypted.cpu.map((each, round) => each / plain.cpu[round]));
  figure('CPU time of the one beside the other', `${took.toFixed(2)}×`);
} finally {
  for (const each of started.reverse()) await each.stop();
}

async function side(home) {
  const app = await startStandalone({ WORKER_CONCURRENCY: String(concurrency) }, { home });
  started.push(app);
  const client = new Client(app.address, connections);
  started.push({ stop: () => client.close() });
  await client.register(upstream.address);
  await throughput(client, { calls, connections, tag: 'warm' });
  const measured = { rates: [], cpu: [] };
  const run = async (tag) => {
    const { all } = await cpuOfWork(app.pid, async () => {
      measured.rates.push(await throughput(client, { calls, connections, tag }));
    });
    measured.cpu.push((all / calls) * 1e6);
  };
  return { ...measured, run };
}

/** @returns its folder */
async function buildWithoutCiphers() {
  const home = await mkdtemp(join(tmpdir(), 'callboard-bench-'));
  for (const name of ['dist', 'docs', 'package.json'])
    await cp(join(root, name), join(home, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
  await appendFile(join(home, 'dist', 'libs', 'encryption', 'encryption.js'), WITHOUT_CIPHERS);
  return home;
}
