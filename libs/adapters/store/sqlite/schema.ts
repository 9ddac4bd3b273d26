/**
 * The schema of the main file, one entry a version: never change an entry that was released, add one. Integer row ids
 * with the trace id in a unique index of its own, indexes that hold only what is under way, and large contents in
 * tables of their own are what makes one process cost about 0.1 ms. JSON columns hold what is read whole and never
 * searched.
 */
export const MAIN_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE spec (
    id               INTEGER PRIMARY KEY,
    trace_id         TEXT NOT NULL UNIQUE,
    project          TEXT NOT NULL,
    name             TEXT NOT NULL,
    headers          TEXT NOT NULL, -- JSON
    url              TEXT,          -- JSON
    server_variables TEXT,          -- JSON
    document_ref     TEXT NOT NULL, -- JSON: {"bytes", "blob"?}
    document         BLOB,          -- null when it is a blob
    document_hash    TEXT NOT NULL,
    version          INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    status           TEXT NOT NULL,
    steps            TEXT NOT NULL, -- JSON
    error            TEXT,          -- JSON
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    attempt          INTEGER NOT NULL,
    lease_owner      TEXT,
    lease_until      INTEGER,
    touched_at       INTEGER,       -- last changed or given out; null once ended
    UNIQUE (project, name)
  );
  CREATE INDEX spec_newest ON spec (project, created_at DESC, trace_id);
  CREATE INDEX spec_unfinished ON spec (touched_at) WHERE touched_at IS NOT NULL;

  CREATE TABLE spec_archive (
    id          INTEGER PRIMARY KEY,
    trace_id    TEXT NOT NULL UNIQUE,
    project     TEXT NOT NULL,
    archived_at INTEGER NOT NULL,
    record      TEXT NOT NULL, -- JSON: the other columns of spec
    document    BLOB
  );
  CREATE INDEX spec_archive_age ON spec_archive (project, archived_at);

  CREATE TABLE client (
    id            INTEGER PRIMARY KEY,
    spec_trace_id TEXT NOT NULL,
    version       INTEGER NOT NULL,
    project       TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    refs          TEXT NOT NULL, -- JSON: {"yaml": {"bytes", "blob"?}, …}
    yaml          BLOB,
    operations    BLOB,
    types         BLOB,
    summary       BLOB,
    UNIQUE (spec_trace_id, version)
  );

  CREATE TABLE process (
    id            INTEGER PRIMARY KEY,
    trace_id      TEXT NOT NULL UNIQUE,
    project       TEXT NOT NULL,
    kind          TEXT NOT NULL,
    service       TEXT NOT NULL,
    spec_trace_id TEXT,
    request       TEXT NOT NULL, -- JSON: what was asked for
    status        TEXT NOT NULL,
    steps         TEXT NOT NULL, -- JSON
    error         TEXT,          -- JSON
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    due_at        INTEGER,
    attempt       INTEGER NOT NULL,
    lease_owner   TEXT,
    lease_until   INTEGER,
    offered_until INTEGER,       -- given out by due(): not again before this
    look_at       INTEGER,       -- when due() should next come across it; null when parked or ended
    CHECK (due_at IS NOT NULL OR spec_trace_id IS NOT NULL) -- what is parked waits for a Spec
  );
  CREATE INDEX process_look ON process (look_at) WHERE look_at IS NOT NULL;
  CREATE INDEX process_parked ON process (spec_trace_id, created_at) WHERE due_at IS NULL;

  CREATE TABLE process_body (
    process_id INTEGER PRIMARY KEY,
    content    BLOB NOT NULL
  );

  CREATE TABLE process_response (
    process_id INTEGER PRIMARY KEY,
    head       TEXT NOT NULL, -- JSON: {"status", "headers", "cache", "body": {"bytes", "blob"?}}
    content    BLOB           -- null when it is a blob
  );

  CREATE TABLE shared_key (
    name  TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
  ) WITHOUT ROWID;
  `,
  // Clients of before have no schemas: all are made anew, and calls wait for that.
  `
  ALTER TABLE spec ADD COLUMN credentials TEXT; -- JSON
  ALTER TABLE spec ADD COLUMN serving_version INTEGER;
  UPDATE spec
  SET status = 'WAITING', error = NULL, attempt = attempt + 1, lease_owner = NULL, lease_until = NULL, touched_at = 0;

  CREATE TABLE spec_version (
    id            INTEGER PRIMARY KEY,
    spec_trace_id TEXT NOT NULL,
    version       INTEGER NOT NULL,
    document_ref  TEXT NOT NULL, -- JSON: {"bytes", "blob"?}
    document      BLOB,          -- null when it is a blob
    document_hash TEXT NOT NULL,
    outcome       TEXT,
    error         TEXT,          -- JSON
    report_ref    TEXT,          -- JSON: {"bytes", "blob"?}
    report        BLOB,
    created_at    INTEGER NOT NULL,
    UNIQUE (spec_trace_id, version)
  );
  INSERT INTO spec_version (spec_trace_id, version, document_ref, document, document_hash, created_at)
  SELECT trace_id, version, document_ref, document, document_hash, updated_at FROM spec;

  CREATE TABLE drift (
    spec_trace_id TEXT NOT NULL,
    version       INTEGER NOT NULL,
    method        TEXT NOT NULL,
    path          TEXT NOT NULL,
    count         INTEGER NOT NULL,
    last_at       INTEGER NOT NULL,
    PRIMARY KEY (spec_trace_id, version, method, path)
  ) WITHOUT ROWID;

  DELETE FROM client;
  ALTER TABLE client ADD COLUMN schemas BLOB;

  CREATE TABLE sdk (
    id            INTEGER PRIMARY KEY,
    trace_id      TEXT NOT NULL UNIQUE,
    project       TEXT NOT NULL,
    spec_trace_id TEXT NOT NULL,
    version       INTEGER NOT NULL,
    generator     TEXT NOT NULL,
    status        TEXT NOT NULL,
    error         TEXT, -- JSON
    archive_ref   TEXT, -- JSON: {"bytes", "blob"?}
    archive       BLOB, -- null when it is a blob
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    lease_owner   TEXT,
    lease_until   INTEGER,
    UNIQUE (spec_trace_id, generator, version)
  );
  CREATE INDEX sdk_unfinished ON sdk (created_at) WHERE status IN ('WAITING', 'IN_PROGRESS');

  ALTER TABLE process ADD COLUMN spec_version INTEGER;
  ALTER TABLE process ADD COLUMN drift TEXT; -- JSON
  ALTER TABLE spec ADD COLUMN retry TEXT; -- JSON
  ALTER TABLE process ADD COLUMN calls TEXT; -- JSON
  ALTER TABLE process ADD COLUMN sending INTEGER; -- the attempt under which a call left that must not be made twice
  ALTER TABLE process ADD COLUMN timed_at INTEGER; -- due_at while that lies ahead and nobody was told of it
  CREATE INDEX process_timed ON process (timed_at) WHERE timed_at IS NOT NULL;

  CREATE TABLE idempotency (
    key         TEXT PRIMARY KEY,
    project     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    trace_id    TEXT NOT NULL,
    busy_until  INTEGER, -- null once the request has been carried out
    expires_at  INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX idempotency_age ON idempotency (expires_at);
  CREATE INDEX process_newest ON process (project, created_at);
  CREATE INDEX process_of_service ON process (project, service, created_at);
  CREATE INDEX process_not_done ON process (project, status, created_at) WHERE status <> 'SUCCESS';

  CREATE TABLE kept_bytes (
    kind  TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL
  ) WITHOUT ROWID;
  INSERT INTO kept_bytes (kind, bytes)
  SELECT 'requests',
    coalesce(sum(octet_length(request) + coalesce(json_extract(request, '$.reqBody.bytes'), 0) + 1024), 0)
  FROM process;
  INSERT INTO kept_bytes (kind, bytes)
  SELECT 'responses', coalesce(sum(octet_length(head) + json_extract(head, '$.body.bytes')), 0) FROM process_response;
  ALTER TABLE process ADD COLUMN dead_at INTEGER; -- when it was given up; null once its letter was taken away
  CREATE INDEX process_dead ON process (project, dead_at, trace_id) WHERE dead_at IS NOT NULL;
  CREATE TABLE dead_message (
    id       INTEGER PRIMARY KEY,
    trace_id TEXT NOT NULL UNIQUE,
    project  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    record   TEXT NOT NULL, -- JSON
    payload  BLOB           -- the message's text; null when it is too long
  );
  CREATE INDEX dead_message_newest ON dead_message (project, at, trace_id);
  -- Each list of what waits is kept by priority, then time: the heads of its ten bands merge into the order of ranks.
  ALTER TABLE process ADD COLUMN priority INTEGER NOT NULL DEFAULT 5;
  ALTER TABLE process ADD COLUMN key TEXT;          -- JSON
  CREATE INDEX process_of_key ON process (project, key, created_at) WHERE key IS NOT NULL;
  ALTER TABLE process ADD COLUMN held_key TEXT;     -- the line at the Spec's gate in which it is held
  ALTER TABLE process ADD COLUMN held_rank INTEGER;
  ALTER TABLE process ADD COLUMN held_why TEXT;
  DROP INDEX process_look;
  CREATE INDEX process_look ON process (priority, look_at) WHERE look_at IS NOT NULL;
  DROP INDEX process_timed;
  CREATE INDEX process_timed ON process (priority, timed_at) WHERE timed_at IS NOT NULL;
  DROP INDEX process_parked;
  CREATE INDEX process_parked ON process (spec_trace_id, priority, created_at)
  WHERE due_at IS NULL AND held_key IS NULL;
  CREATE INDEX process_held ON process (spec_trace_id, held_key, held_rank) WHERE held_key IS NOT NULL;
  ALTER TABLE spec ADD COLUMN limits TEXT;      -- JSON
  ALTER TABLE spec ADD COLUMN paused INTEGER;   -- 1 while it is
  ALTER TABLE spec ADD COLUMN paused_keys TEXT; -- JSON
  `,
  `
  CREATE TABLE api_key (
    id           INTEGER PRIMARY KEY,
    trace_id     TEXT NOT NULL UNIQUE,
    project      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    record       TEXT NOT NULL -- JSON
  );
  CREATE INDEX api_key_of_project ON api_key (project, created_at);

  CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    trace_id TEXT NOT NULL UNIQUE,
    project  TEXT NOT NULL,
    at       INTEGER NOT NULL,
    record   TEXT NOT NULL, -- JSON
    outcome  TEXT           -- JSON; null: in a row of audit_outcome once it has ended
  );
  CREATE INDEX audit_newest ON audit (project, at, trace_id);
  CREATE INDEX audit_age ON audit (at);
  CREATE TABLE audit_outcome (
    trace_id TEXT PRIMARY KEY,
    outcome  TEXT NOT NULL -- JSON
  ) WITHOUT ROWID;
  CREATE TABLE audit_sweep (
    before INTEGER NOT NULL -- what may go just now
  );
  CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER audit_outcome_unchanged BEFORE UPDATE ON audit_outcome
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  -- A row that is replaced is deleted past the triggers of deletion.
  CREATE TRIGGER audit_once BEFORE INSERT ON audit
  WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR trace_id = NEW.trace_id)
  BEGIN SELECT RAISE(IGNORE); END;
  CREATE TRIGGER audit_outcome_once BEFORE INSERT ON audit_outcome
  WHEN EXISTS (SELECT 1 FROM audit_outcome WHERE trace_id = NEW.trace_id)
  BEGIN SELECT RAISE(IGNORE); END;
  CREATE TRIGGER audit_kept BEFORE DELETE ON audit
  WHEN NOT EXISTS (SELECT 1 FROM audit_sweep WHERE OLD.at < before)
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER audit_outcome_kept BEFORE DELETE ON audit_outcome
  WHEN NOT EXISTS (
    SELECT 1 FROM audit_sweep, audit WHERE audit.trace_id = OLD.trace_id AND audit.at < audit_sweep.before
  )
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

  CREATE INDEX dead_message_age ON dead_message (at);

  CREATE TABLE project (
    name       TEXT PRIMARY KEY,
    title      TEXT NOT NULL, -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed_at INTEGER
  ) WITHOUT ROWID;
  `,
  `
  -- What is sealed with a response counts with it, and the list of calls with a process that has ended.
  UPDATE kept_bytes SET bytes = (
    SELECT coalesce(sum(
      octet_length(request) + coalesce(json_extract(request, '$.reqBody.bytes'), 0) + 1024 +
        CASE WHEN status IN ('SUCCESS', 'ERROR', 'CANCELLED') THEN coalesce(octet_length(calls), 0) ELSE 0 END
    ), 0) FROM process
  ) WHERE kind = 'requests';
  UPDATE kept_bytes SET bytes = (
    SELECT coalesce(sum(octet_length(head) + coalesce(octet_length(content), json_extract(head, '$.body.bytes'))), 0)
    FROM process_response
  ) WHERE kind = 'responses';
  `,
];

/** The schema of the file of log records. */
export const LOG_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE log (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL, -- when it was appended
    record TEXT NOT NULL     -- JSON
  );
  `,
  `
  ALTER TABLE log ADD COLUMN records INTEGER NOT NULL DEFAULT 1; -- of more than one, record is a BLOB
  `,
];
