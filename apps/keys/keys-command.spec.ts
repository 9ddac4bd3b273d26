import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqliteStores } from '#adapters';
import { loadConfig } from '#config';
import { KeyRing } from '#encryption';
import { FakeClock, sampleProcess } from '#testing';
import { runKeysCommand } from './keys-command.js';

const clock = new FakeClock();
const [first, second] = [KeyRing.newKey(), KeyRing.newKey()];

describe('the command about keys', () => {
  let folder: string;
  let printed: string;
  let told: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-keys-'));
    [printed, told] = ['', []];
  });
  afterEach(() => rm(folder, { recursive: true }));

  function run(args: readonly string[], keys = first): Promise<boolean> {
    const env = { CALLBOARD_DATA_DIR: folder, CALLBOARD_ENCRYPTION_KEY: keys };
    return runKeysCommand(args, {
      print: (text) => void (printed += text),
      tell: (line) => void told.push(line),
      config: () => loadConfig({ role: 'standalone', env }),
    });
  }
  const stores = (keys: string) => openSqliteStores({ folder, clock, keys: KeyRing.parse(keys)! });

  it('makes keys as they are configured', async () => {
    expect(await run(['new'])).toBe(true);
    expect(KeyRing.parse(printed)).toBeDefined();
  });

  it('encrypts again with the first key, and says which that is and how far it is', async () => {
    const process = sampleProcess();
    const before = await stores(first);
    await before.processes.insert(process);
    await before.close();
    expect(await run(['rewrap'], `${second},${first}`)).toBe(true);
    const { name } = KeyRing.parse(second)!.current;
    expect(printed).toBe(`Encrypted one thing with the key ${name}. No other key is needed.\n`);
    expect(told).toContain('Encrypting: processes, 1 of 1, 1 encrypted');
    const after = await stores(second);
    expect(await after.processes.find(null, process.traceId)).toEqual(process);
    await after.close();
  });

  it('says that there was nothing to do', async () => {
    await (await stores(first)).close();
    expect(await run(['encrypt'])).toBe(true);
    expect(printed).toBe('There was nothing to encrypt. Nothing is stored plain.\n');
  });

  it.each([[[]], [['rotate']], [['new', 'more']], [['rewrap', 'all']], [['__proto__']]])(
    'tells how it is used when it is given %j',
    async (args) => {
      await expect(run(args)).rejects.toThrow('Usage: npm run keys -- new');
    },
  );
});
