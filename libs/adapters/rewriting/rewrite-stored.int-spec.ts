import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { newTraceId } from '#core';
import { sampleProcess, SECRET } from '#testing';
import { describeWithServer } from '../../../test/setup/real-servers.js';
import { S3BlobStore } from '../blobs/s3/index.js';
import { FIRST, open, rewrite, runRewritingConformance, SECOND } from './rewriting.test-kit.js';
import type { RewritingHarness } from './rewriting.test-kit.js';

const NEEDED = ['MONGODB_URI', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const;

describeWithServer([...NEEDED], 'MongoDB and S3', (servers) => {
  async function make(): Promise<RewritingHarness & { admin: mongo.MongoClient }> {
    const folder = await mkdtemp(join(tmpdir(), 'callboard-rewriting-'));
    const uri = new URL(servers.MONGODB_URI ?? '');
    uri.pathname = `/callboard_test_${newTraceId()}`;
    const bucket = `rewriting-${newTraceId().toLowerCase()}`;
    const { S3_ENDPOINT = '', S3_ACCESS_KEY = '', S3_SECRET_KEY = '' } = servers;
    const admin = await mongo.MongoClient.connect(uri.href);
    const rawBlobs = new S3BlobStore({
      ...{ endpoint: S3_ENDPOINT, region: 'us-east-1', bucket, accessKey: S3_ACCESS_KEY, secretKey: S3_SECRET_KEY },
    });
    return {
      ...{ admin, rawBlobs },
      env: {
        ...{ CALLBOARD_DATA_DIR: folder, MONGODB_URI: uri.href, S3_BUCKET: bucket },
        ...{ S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY },
      },
      close: async () => {
        await admin.db().dropDatabase();
        await Promise.all([admin.close(), rawBlobs.close(), rm(folder, { recursive: true })]);
      },
    };
  }

  runRewritingConformance('MongoDB and S3', make);

  describe('A MongoDB database, rewritten', () => {
    it('takes in what others write meanwhile, and is not done while one writes with another key', async () => {
      const harness = await make();
      // Started before the database knew of another key.
      const old = await open(harness, FIRST);
      const current = await open(harness, `${SECOND},${FIRST}`);
      const made: string[] = [];
      let writer = current;
      const write = async (): Promise<void> => {
        const process = sampleProcess({ headers: { a: SECRET } });
        made.push(process.traceId);
        await writer.processes.insert(process);
      };
      try {
        for (let count = 0; count < 3; count++) await write();
        writer = old;
        await write();
        // After each look at the processes.
        const during = rewrite(harness, `${SECOND},${FIRST}`, 'all', ({ part }) =>
          part === 'log records' ? write() : undefined,
        );
        await expect(during).rejects.toThrow('start every process with the new key first');
        writer = current;
        const told = await rewrite(harness, `${SECOND},${FIRST}`, 'all', ({ part }) =>
          part === 'log records' ? write() : undefined,
        );
        expect(told.unreadable).toEqual([]);
      } finally {
        await Promise.all([old.close(), current.close()]);
      }
      const alone = await open(harness, SECOND);
      for (const id of made) expect(await alone.processes.find(null, id)).toMatchObject({ headers: { a: SECRET } });
      await alone.close();
      await harness.close();
    });

    it('holds nothing plain of an older release any more', async () => {
      const harness = await make();
      const process = sampleProcess({ headers: { a: 'b' } });
      const adapters = await open(harness, FIRST);
      await adapters.processes.insert(process);
      await adapters.close();
      const { endpoint, method, service } = process;
      const request = JSON.stringify({
        kind: 'call',
        service,
        method,
        endpoint,
        headers: { a: SECRET },
        reqBody: null,
      });
      const record = { message: 'm', req_body: SECRET };
      const database = harness.admin.db();
      await database.collection('processes').updateOne({}, { $set: { request } });
      await database
        .collection('logs')
        .insertOne({ project: 'default', at: new Date(), record: { message: 'm' }, others: JSON.stringify(record) });
      await database.collection<{ _id: string }>('keys').deleteOne({ _id: '+encryption' });
      expect(await rewrite(harness, FIRST, 'plain')).toMatchObject({ rewritten: 2, unreadable: [] });
      for (const name of ['processes', 'logs']) {
        const documents = await database.collection(name).find().toArray();
        expect(documents).toHaveLength(1);
        expect(JSON.stringify(documents)).not.toContain(SECRET);
      }
      const again = await open(harness, FIRST);
      expect(await again.processes.find(null, process.traceId)).toMatchObject({ headers: { a: SECRET } });
      expect(await again.logs.latest(1)).toEqual([record]);
      await again.close();
      // What is encrypted by now was so by keys that the database knew.
      await database.collection<{ _id: string }>('keys').deleteOne({ _id: '+encryption' });
      await expect(open(harness, FIRST)).rejects.toThrow('whose entry +encryption was taken away');
      await harness.close();
    });
  });
});
