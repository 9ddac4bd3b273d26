import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#core';
import { startStandalone } from '../../../test/e2e/deployment.js';
import type { Standalone } from '../../../test/e2e/deployment.js';
import type { SuiteReport, Tell } from '../suite.js';
import { drive } from './drive.js';
import { Search } from './search.js';
import { Setting } from './setting.js';
import type { Mode } from './setting.js';

const KEY_FILE = 'callboard.key';

/** All that a standalone Callboard writes, prints, tells and answers. */
export async function searchStandalone(mode: Mode, tell: Tell): Promise<Omit<SuiteReport, 'name'>> {
  const setting = await Setting.make(mode);
  const { marks, collector } = setting;
  const search = new Search(marks, setting.how, tell);
  // In one of the modes the key is the installation's own.
  const env = mode.GLOGS_LEVEL === 'error' ? { ...setting.env, CALLBOARD_ENCRYPTION_KEY: '' } : setting.env;
  let standalone: Standalone | undefined;
  try {
    standalone = await startStandalone(env);
    const data = standalone.env.CALLBOARD_DATA_DIR ?? '';
    const key = await readFile(join(data, KEY_FILE), 'utf8').catch(() => null);
    if (key !== null) marks.watch('the encryption key of a file', 'configuration', key);
    const scene = await setting.scene(standalone);
    await drive(scene);
    await search.files(data, [KEY_FILE]);
    await standalone.process.stop();
    search.answers(scene.asking.answers);
    search.in('what it printed', Buffer.from(standalone.output()));
    for (const { url, body } of collector.requests) search.in(`traces sent to ${url}`, body);
    await search.files(data, [KEY_FILE]);
    await search.files(standalone.generatedClients);
  } catch (error) {
    search.fail(messageOf(error));
  } finally {
    await standalone?.stop().catch(() => undefined);
    await setting.end();
  }
  return search.report;
}
