import type { LogRecord, ProcessStatus } from '#core';
import { hasEnded } from '#core';
import type { RewritingEncryption } from '#encryption';
import { decodeLetterText, decodeRecord, encodeLetterText, encodeRecord, letterPlace } from '../dead-letter-scan.js';
import { openRecords, rewriteRecord, sealRecords } from '../log-encoding.js';
import { sealPayload, toJson } from '../payload-encoding.js';
import {
  decodeCalls,
  decodeDrift,
  decodeRequest,
  decodeResponse,
  encodeCalls,
  encodeDrift,
  encodeRequest,
  encodeResponse,
  processPlace,
} from '../process-encoding.js';
import { KEY_STATE, openSharedKey, sealSharedKey } from '../shared-key.js';
import { documentField, specPlace } from '../spec-places.js';
import { decodeArchivedSpec, encodeArchivedSpec } from './archived-spec-rows.js';
import type { KeptBytesTotal } from './kept-bytes.js';
import {
  CLIENT_COLUMNS,
  decodeClient,
  decodeSpec,
  decodeVersion,
  encodeClient,
  encodeSpec,
  SPEC_COLUMNS,
  VERSION_COLUMNS,
} from './spec-rows.js';
import type { SqliteDatabase, SqlRow, SqlValue } from './sqlite-database.js';

/** One table whose contents are encrypted. */
export interface RewritableTable {
  /** What its rows are called. */
  readonly name: string;
  readonly count: string;
  /** The rows behind one of the table's key, which comes first in each; so many at most. */
  readonly rows: string;
  /** Before every key. */
  readonly start: 0 | '';
  /** Writes a row again if it has to be. Only inside a change. @returns whether it had to. */
  readonly rewrite: (row: SqlRow) => boolean;
}

const VERSIONS = `
  SELECT v.id, v.spec_trace_id, coalesce(s.project, a.project), ${VERSION_COLUMNS.replace(/(\w+)/g, 'v.$1')}
  FROM spec_version v
  LEFT JOIN spec s ON s.trace_id = v.spec_trace_id LEFT JOIN spec_archive a ON a.trace_id = v.spec_trace_id
  WHERE v.id > ? ORDER BY v.id LIMIT ?`;
const PROCESSES = `
  SELECT p.id, p.trace_id, p.project, p.spec_trace_id, p.request, b.content, p.calls, p.drift, r.head, r.content, p.status
  FROM process p LEFT JOIN process_body b ON b.process_id = p.id LEFT JOIN process_response r ON r.process_id = p.id
  WHERE p.id > ? ORDER BY p.id LIMIT ?`;
const WRITE_SPEC = `
  UPDATE spec SET headers = ?, url = ?, server_variables = ?, credentials = ?, document_ref = ?, document = ?
  WHERE id = ?`;
const WRITE_VERSION = 'UPDATE spec_version SET document_ref = ?, document = ?, report_ref = ?, report = ? WHERE id = ?';
const WRITE_CLIENT = `
  UPDATE client SET refs = ?, yaml = ?, operations = ?, types = ?, summary = ?, schemas = ? WHERE id = ?`;

/** Reads rows with whatever key they need and writes those again that are to be rewritten. */
export class RowRewriter {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly encryption: RewritingEncryption,
    private readonly kept: KeptBytesTotal,
  ) {}

  get tables(): readonly RewritableTable[] {
    const by = (columns: string, table: string) =>
      `SELECT id, ${columns} FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`;
    const all = (table: string) => `SELECT count(*) FROM ${table}`;
    const letters = by('trace_id, project, record, payload', 'dead_message');
    const keys = `SELECT name, bytes FROM shared_key WHERE name > ? AND name <> '${KEY_STATE}' ORDER BY name LIMIT ?`;
    return [
      {
        name: 'shared keys',
        start: '',
        count: `${all('shared_key')} WHERE name <> '${KEY_STATE}'`,
        rows: keys,
        rewrite: (row) => this.key(row),
      },
      { name: 'Specs', start: 0, count: all('spec'), rows: by(SPEC_COLUMNS, 'spec'), rewrite: (row) => this.spec(row) },
      { name: 'versions', start: 0, count: all('spec_version'), rows: VERSIONS, rewrite: (row) => this.version(row) },
      {
        name: 'deleted Specs',
        start: 0,
        count: all('spec_archive'),
        rows: by('record, document', 'spec_archive'),
        rewrite: (row) => this.archivedSpec(row),
      },
      {
        name: 'clients',
        start: 0,
        count: all('client'),
        rows: by(CLIENT_COLUMNS, 'client'),
        rewrite: (row) => this.client(row),
      },
      {
        name: 'dead messages',
        start: 0,
        count: all('dead_message'),
        rows: letters,
        rewrite: (row) => this.letter(row),
      },
      { name: 'processes', start: 0, count: all('process'), rows: PROCESSES, rewrite: (row) => this.process(row) },
    ];
  }

  private process(row: SqlRow): boolean {
    const [id, traceId, project, specTraceId, request, body, calls, drift, head, content, status] = row;
    const about = { traceId, project, specTraceId } as About & { specTraceId: string | null };
    const isRequestStale = this.request(id as number, about, request as string, body as Buffer | null);
    const areCallsStale = calls !== null && this.calls(id as number, about, calls as string, status as ProcessStatus);
    const isDriftStale = drift !== null && this.drift(id as number, about, drift as string);
    const isResponseStale =
      head !== null && this.response(id as number, about, head as string, content as Buffer | null);
    return isRequestStale || areCallsStale || isDriftStale || isResponseStale;
  }

  private request(id: number, about: About & { specTraceId: string | null }, text: string, body: Buffer | null) {
    const { encryption } = this;
    const read = () => decodeRequest(text, processPlace(about), encryption, () => body);
    return this.rewrite(read, (request) => {
      const encoded = encodeRequest({ ...request, ...about }, encryption);
      this.run('UPDATE process SET request = ? WHERE id = ?', [encoded.request, id]);
      if (encoded.body) this.run('UPDATE process_body SET content = ? WHERE process_id = ?', [encoded.body, id]);
      this.kept.add('requests', Buffer.byteLength(encoded.request) - Buffer.byteLength(text));
    });
  }

  private calls(id: number, about: About, text: string, status: ProcessStatus): boolean {
    const { encryption } = this;
    const place = processPlace(about);
    return this.rewrite(
      () => decodeCalls(text, place, encryption),
      (calls) => {
        const encoded = encodeCalls(calls, place, encryption);
        this.run('UPDATE process SET calls = ? WHERE id = ?', [encoded, id]);
        // Before that they are not counted.
        if (hasEnded(status)) this.kept.add('requests', Buffer.byteLength(encoded) - Buffer.byteLength(text));
      },
    );
  }

  private drift(id: number, about: About, text: string): boolean {
    const { encryption } = this;
    const place = processPlace(about);
    return this.rewrite(
      () => decodeDrift(text, place, encryption),
      (faults) => this.run('UPDATE process SET drift = ? WHERE id = ?', [encodeDrift(faults, place, encryption), id]),
    );
  }

  private response(id: number, about: About, text: string, content: Buffer | null): boolean {
    const { encryption } = this;
    const place = processPlace(about);
    return this.rewrite(
      () => decodeResponse(text, content, place, encryption),
      (response) => {
        const encoded = encodeResponse(response, place, encryption);
        const values = [encoded.head, encoded.content, id];
        this.run('UPDATE process_response SET head = ?, content = ? WHERE process_id = ?', values);
        const more = (encoded.content?.length ?? 0) - (content?.length ?? 0);
        this.kept.add('responses', Buffer.byteLength(encoded.head) - Buffer.byteLength(text) + more);
      },
    );
  }

  private spec([id = 0, ...row]: SqlRow): boolean {
    const read = () => decodeSpec(row, this.encryption);
    return this.rewrite(read, (spec) => {
      const { headers, url, serverVariables, credentials, documentRef, document } = encodeSpec(spec, this.encryption);
      const values = [headers, url, serverVariables, credentials, documentRef, document];
      this.run(WRITE_SPEC, [...values.map((value) => value ?? null), id]);
    });
  }

  private version([id = 0, traceId, project, ...row]: SqlRow): boolean {
    const place = specPlace({ traceId, project } as About);
    return this.rewrite(
      () => decodeVersion(row, place, this.encryption),
      ({ document, documentHash, report }) => {
        const sealed = sealPayload(this.encryption, place, documentField(documentHash), document);
        const told = report && sealPayload(this.encryption, place, 'report', report);
        const values = [toJson(sealed.ref), sealed.content, toJson(told?.ref), told?.content ?? null];
        this.run(WRITE_VERSION, [...values, id]);
      },
    );
  }

  private archivedSpec([id = 0, text, document]: SqlRow): boolean {
    const read = () => decodeArchivedSpec(text as string, document as Buffer | null, this.encryption);
    return this.rewrite(read, (archived) => {
      const { record, content } = encodeArchivedSpec(archived, this.encryption);
      this.run('UPDATE spec_archive SET record = ?, document = ? WHERE id = ?', [record, content, id]);
    });
  }

  private client([id = 0, ...row]: SqlRow): boolean {
    const read = () => decodeClient(row, this.encryption);
    return this.rewrite(read, (client) => {
      const [, , , , ...parts] = encodeClient(client, this.encryption);
      this.run(WRITE_CLIENT, [...parts, id]);
    });
  }

  private letter([id = 0, traceId, project, text, payload]: SqlRow): boolean {
    const { encryption } = this;
    const place = letterPlace({ traceId, project } as About);
    const stored = payload as Buffer | null;
    const read = () => ({
      record: decodeRecord(text as string, place, encryption),
      message: stored && decodeLetterText(stored, text as string, place, encryption),
    });
    return this.rewrite(read, ({ record, message }) => {
      const letter = { ...record, traceId, project } as Parameters<typeof encodeRecord>[0];
      const content = message === null ? null : encodeLetterText(letter, message, encryption);
      this.run('UPDATE dead_message SET record = ?, payload = ? WHERE id = ?', [
        ...[encodeRecord(letter, encryption), content, id],
      ]);
    });
  }

  private key([name, stored]: SqlRow): boolean {
    const read = () => openSharedKey(name as string, stored as Buffer, this.encryption);
    return this.rewrite(read, (bytes) => {
      const sealed = sealSharedKey(name as string, bytes, this.encryption);
      this.run('UPDATE shared_key SET bytes = ? WHERE name = ?', [sealed, name as string]);
    });
  }

  private rewrite<T>(read: () => T, write: (value: T) => void): boolean {
    const { value, isStale } = this.encryption.notice(read);
    if (isStale) write(value);
    return isStale;
  }

  private run(sql: string, values: readonly SqlValue[]): void {
    this.database.statement(sql).run(values);
  }
}

interface About {
  readonly traceId: string;
  readonly project: string;
}

/** The table of the file of log records. */
export function logTable(database: SqliteDatabase, encryption: RewritingEncryption): RewritableTable {
  return {
    name: 'log records',
    start: 0,
    count: 'SELECT count(*) FROM log',
    rows: 'SELECT id, record FROM log WHERE id > ? ORDER BY id LIMIT ?',
    rewrite: ([id = 0, stored]) => {
      const records = Buffer.isBuffer(stored)
        ? sealedAnew(stored, encryption)
        : rewriteRecord(JSON.parse(stored as string) as LogRecord, encryption);
      if (!records) return false;
      const sealed = sealRecords(Buffer.from(JSON.stringify([records].flat())), encryption);
      database.statement('UPDATE log SET record = ? WHERE id = ?').run([sealed, id]);
      return true;
    },
  };
}

function sealedAnew(stored: Buffer, encryption: RewritingEncryption): LogRecord[] | null {
  const { value, isStale } = encryption.notice(() => openRecords(stored, encryption));
  return isStale ? value : null;
}
