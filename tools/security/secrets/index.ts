import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#core';
import { startOtlpReceiver } from '../../../libs/testing/otlp-receiver.js';
import { CallboardClient } from '../../../test/e2e/callboard-client.js';
import { startStandalone } from '../../../test/e2e/deployment.js';
import type { SuiteReport, Tell } from '../suite.js';
import { drive } from './drive.js';
import { Marks } from './marks.js';
import { startLeakyService } from './service.js';

/** The ways in which a log is written. */
const LOGS = [
  { GLOGS_LOG_TYPE: 'text', GLOGS_LEVEL: 'trace' },
  { GLOGS_LOG_TYPE: 'json', GLOGS_LEVEL: 'trace' },
  { GLOGS_LOG_TYPE: 'json', GLOGS_LEVEL: 'error' },
];

/**
 * Marked secrets in every place that takes one, given to a standalone Callboard whose service goes wrong in every way; then
 * all that was written, told and answered is searched for them. Answers that may hold them are a Spec's or a process's own
 * fields, and what the service itself answered.
 */
export async function run(tell: Tell): Promise<SuiteReport> {
  const failures: string[] = [];
  let tried = 0;
  for (const log of LOGS) {
    const marks = new Marks();
    const service = await startLeakyService((place) => marks.plant(place));
    const collector = await startOtlpReceiver();
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    const standalone = await startStandalone({ ...log, ...tracing, RETRY_ATTEMPTS: '2', RETRY_FIRST_PAUSE_MS: '0' });
    try {
      const search = (where: string, bytes: Buffer): void => {
        tried += marks.all.length;
        const name = `with a log of ${log.GLOGS_LOG_TYPE} from ${log.GLOGS_LEVEL}`;
        for (const place of marks.foundIn(bytes)) failures.push(`${place} stands in ${where} ${name}`);
        tell(tried);
      };
      const answers = await drive(new CallboardClient(standalone), standalone, service.address, marks);
      for (const { what, bytes } of answers) search(`the answer to ${what}`, bytes);
      await searchFiles(standalone.env.CALLBOARD_DATA_DIR ?? '', search);
      await standalone.process.stop();
      search('what it printed', Buffer.from(standalone.output()));
      for (const { url, body } of collector.requests) search(`traces sent to ${url}`, body);
      await searchFiles(standalone.env.CALLBOARD_DATA_DIR ?? '', search);
      await searchFiles(standalone.generatedClients, search);
      if (marks.all.length < 50) failures.push(`Expected at least 50 secrets to be planted, got ${marks.all.length}.`);
    } catch (error) {
      failures.push(messageOf(error));
    } finally {
      await standalone.stop().catch(() => undefined);
      await Promise.all([service.stop(), collector.close()]);
    }
  }
  return { name: 'secrets', tried, through: failures.length, failures };
}

/** Every file of a folder, and its name. */
async function searchFiles(folder: string, search: (where: string, bytes: Buffer) => void): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  search('names of files', Buffer.from(names.join('\n')));
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => null))?.isFile()) search(name, await readFile(path));
  }
}
