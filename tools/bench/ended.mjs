/**
 * Fills an embedded store, which must be closed, with ended processes: of 20 services, one in 100 in ERROR, one
 * accepted every 10 ms up to now, each with a response of 1 KB.
 *
 *   node tools/bench/ended.mjs FOLDER COUNT
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';

const SELF = fileURLToPath(import.meta.url);
const STEPS = ['Received in the API', 'Received in the worker', 'Executed command successfully'];

/** Fills in a process of its own, so that its memory is not counted as that of the caller. */
export function fillWithEnded(folder, count) {
  execFileSync(process.execPath, [SELF, folder, String(count)]);
}

if (process.argv[1] === SELF) fill(process.argv[2], Number(process.argv[3]));

function fill(folder, count) {
  const database = new Database(join(folder, 'callboard.db'));
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
  const request = {
    ...{ kind: 'call', service: 'filmot', method: 'GET', endpoint: '/getsearchchannels', headers: null },
    ...{ queryParams: { term: 'Science Channel' }, urlParams: null, reqBody: null },
  };
  const error = JSON.stringify('Error executing API call: API call failed: 404 Not Found');
  database
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
       INSERT INTO process (trace_id, project, kind, service, spec_trace_id, request, status, steps, error,
                            created_at, updated_at, due_at, attempt)
       SELECT lower(hex(randomblob(8))), 'default', 'call', 'service-' || (i % 20), 'SpecSpecSpecSpec', :request,
              CASE i % 100 WHEN 0 THEN 'ERROR' ELSE 'SUCCESS' END, :steps, CASE i % 100 WHEN 0 THEN :error END,
              :start + 10 * i, :start + 10 * i, :start + 10 * i, 1
       FROM n`,
    )
    .run({
      count,
      request: JSON.stringify(request),
      steps: JSON.stringify(STEPS),
      error,
      start: Date.now() - 10 * count,
    });
  database.prepare('INSERT INTO process_response (process_id, head, content) SELECT id, ?, ? FROM process').run([
    JSON.stringify({
      ...{ status: 200, headers: [['content-type', 'application/json']], cache: 'MISS' },
      body: { bytes: 1024 },
    }),
    Buffer.alloc(1024, 'x'),
  ]);
  database.exec('COMMIT');
  database.close();
}
