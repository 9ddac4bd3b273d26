import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import { DEFAULT_PROJECT, inlinePayload, Permanent } from '#core';
import { KeyRing } from '#encryption';
import { FakeClock, SAMPLE_TIME, sampleProcess, SECRET, SecretContents } from '#testing';
import { openSqliteStores } from './index.js';
import type { SqliteStores } from './index.js';

const lease = { owner: 'worker', until: SAMPLE_TIME + 60_000 };
const clock = new FakeClock();

describe('The SQLite stores encrypt', () => {
  let folder: string;
  let stores: SqliteStores;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callboard-encryption-'));
    stores = await openSqliteStores({ folder, clock });
  });
  afterEach(async () => {
    await stores.close();
    await rm(folder, { recursive: true });
  });

  /** Changes the files behind the stores' back. */
  async function tamper(sql: string): Promise<void> {
    await stores.close();
    const database = new Database(join(folder, 'callboard.db'));
    database.exec(sql);
    database.close();
    stores = await openSqliteStores({ folder, clock });
  }

  async function written(): Promise<string> {
    const files = await readdir(folder);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')));
    return texts.join('\n');
  }

  it('all contents of processes, Specs, Clients, letters and log records, and give them back', async () => {
    const contents = new SecretContents();
    await contents.store(stores);
    await contents.expectIn(stores);
    await stores.specs.archive(DEFAULT_PROJECT, contents.spec.traceId, SAMPLE_TIME);
    // What is committed lies in the write-ahead log first, and in the file once it was closed.
    expect(await written()).not.toContain(SECRET);
    await stores.close();
    expect(await written()).not.toContain(SECRET);
  });

  it('so that nothing is read where another row or project has it', async () => {
    const [one, two] = [sampleProcess({ headers: { a: '1' } }), sampleProcess({ headers: { a: '2' } })];
    await stores.processes.insert(one);
    await stores.processes.insert(two);
    const other = `(SELECT request FROM process WHERE trace_id = '${one.traceId}')`;
    await tamper(`UPDATE process SET request = ${other} WHERE trace_id = '${two.traceId}'`);
    expect(await stores.processes.find(null, one.traceId)).toMatchObject({ headers: { a: '1' } });
    await expect(stores.processes.find(null, two.traceId)).rejects.toBeInstanceOf(Permanent);
    await tamper(`UPDATE process SET project = 'another' WHERE trace_id = '${one.traceId}'`);
    await expect(stores.processes.find('another', one.traceId)).rejects.toBeInstanceOf(Permanent);
  });

  it('and give out the same whether what was asked for is remembered or decrypted, but nothing that is not stored', async () => {
    const [one, two, three] = [sampleProcess({ headers: { a: '1' } }), sampleProcess(), sampleProcess()];
    for (const process of [one, two, three]) await stores.processes.insert(process);
    const file = new Database(join(folder, 'callboard.db'));
    const other = `(SELECT request FROM process WHERE trace_id = '${one.traceId}')`;
    file.exec(`UPDATE process SET request = ${other} WHERE trace_id = '${two.traceId}'`);
    file.close();
    const remembered = await stores.processes.claim(one.traceId, lease, [], SAMPLE_TIME);
    expect(await stores.processes.find(null, one.traceId)).toEqual(remembered);
    await expect(stores.processes.claim(two.traceId, lease, [], SAMPLE_TIME)).rejects.toBeInstanceOf(Permanent);
    await stores.close();
    stores = await openSqliteStores({ folder, clock });
    const { headers, queryParams, reqBody } = three;
    const decrypted = await stores.processes.claim(three.traceId, lease, [], SAMPLE_TIME);
    expect(decrypted).toMatchObject({ headers, queryParams, reqBody });
  });

  it('and refuse to open with another key, naming both, and open with all that are needed', async () => {
    const process = sampleProcess();
    await stores.processes.insert(process);
    await stores.close();
    const text = await readFile(join(folder, 'callboard.key'), 'utf8');
    const [own, other] = [KeyRing.parse(text)!, KeyRing.parse(KeyRing.newKey())!];
    await expect(openSqliteStores({ folder, clock, keys: other })).rejects.toMatchObject({
      code: 'ENCRYPTION_KEY_WRONG',
      message: expect.stringMatching(`${own.current.name}.*${other.current.name}`),
    });
    const both = KeyRing.parse(`${other.toText()},${text}`)!;
    stores = await openSqliteStores({ folder, clock, keys: both });
    expect(await stores.processes.find(null, process.traceId)).toEqual(process);
    await stores.close();
    await expect(openSqliteStores({ folder, clock, keys: own })).rejects.toThrow(other.current.name);
    stores = await openSqliteStores({ folder, clock, keys: both });
  });

  it('and take nothing plain from whoever writes that there may be some, or that nothing is known of keys', async () => {
    const process = sampleProcess({ headers: { a: 'b' } });
    await stores.processes.insert(process);
    await tamper(
      `UPDATE shared_key SET bytes = CAST(json_set(CAST(bytes AS TEXT), '$.mayHoldPlain', json('true')) AS BLOB) WHERE name = '+encryption'`,
    );
    expect(stores.mayHoldPlain).toBe(false);
    expect(await stores.processes.find(null, process.traceId)).toMatchObject({ headers: { a: 'b' } });
    await expect(tamper(`DELETE FROM shared_key WHERE name = '+encryption'`)).rejects.toThrow(
      'Expected a database with encrypted values to tell which keys it needs',
    );
    await tamper(`DELETE FROM process`);
  });

  it('and read what an older release has stored plain, but take nothing plain where there is none', async () => {
    const process = sampleProcess({ headers: { a: 'b' }, reqBody: inlinePayload('{}') });
    await stores.processes.insert(process);
    const plain = JSON.stringify({
      kind: 'call',
      service: 'filmot',
      method: 'GET',
      endpoint: '/x',
      headers: { a: 'b' },
      queryParams: null,
      urlParams: null,
      reqBody: { bytes: 2 },
    });
    const drift = JSON.stringify([{ place: 'body', pointer: '/a', expected: 'b', got: 'c' }]);
    await tamper(`UPDATE process SET drift = '${drift}'`);
    await expect(stores.processes.find(null, process.traceId)).rejects.toThrow('got a plain one');
    await tamper(`UPDATE process SET request = '${plain}'; UPDATE process_body SET content = CAST('{}' AS BLOB)`);
    await expect(stores.processes.find(null, process.traceId)).rejects.toThrow('got a plain one');
    // As it is when a release finds a database that none with keys has opened.
    await tamper(`DELETE FROM shared_key WHERE name = '+encryption'`);
    expect(await stores.processes.find(null, process.traceId)).toMatchObject({
      headers: { a: 'b' },
      reqBody: { bytes: 2 },
      drift: [{ pointer: '/a' }],
    });
  });
});
