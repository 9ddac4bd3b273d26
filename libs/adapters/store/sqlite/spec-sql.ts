import { CLIENT_COLUMNS, SPEC_COLUMNS, VERSION_COLUMNS } from './spec-rows.js';

const UNHELD = '(lease_until IS NULL OR lease_until <= :now)';
const UNDER_CLAIM = 'WHERE trace_id = :traceId AND attempt = :attempt AND lease_until IS NOT NULL';

/** Every statement about Specs and Clients. Each finds its rows through an index. */
export const SPEC_SQL = {
  insert: `
  INSERT INTO spec (${SPEC_COLUMNS}, touched_at)
  VALUES (:traceId, :project, :name, :headers, :url, :serverVariables, :documentRef, :document, :documentHash, :version,
          :revision, :status, :steps, :error, :createdAt, :updatedAt, :attempt, :credentials, :servingVersion, :retry, :limits,
          :paused, :pausedKeys, :updatedAt)`,
  find: `SELECT ${SPEC_COLUMNS} FROM spec WHERE trace_id = ?`,
  // In the query, so that one of another project costs what none costs.
  findIn: `SELECT ${SPEC_COLUMNS} FROM spec WHERE trace_id = ? AND project = ?`,
  findByName: `SELECT ${SPEC_COLUMNS} FROM spec WHERE project = ? AND name = ?`,
  list: `SELECT ${SPEC_COLUMNS} FROM spec WHERE project = ? ORDER BY created_at DESC, trace_id LIMIT ? OFFSET ?`,
  count: 'SELECT count(*) FROM spec WHERE project = ?',
  // What is not given leaves a column as it is; what is given as the JSON text null empties it.
  update: `
  UPDATE spec
  SET name = coalesce(:name, name), headers = coalesce(:headers, headers),
      url = nullif(coalesce(:url, url), 'null'),
      server_variables = nullif(coalesce(:serverVariables, server_variables), 'null'),
      credentials = nullif(coalesce(:credentials, credentials), 'null'),
      retry = nullif(coalesce(:retry, retry), 'null'), limits = nullif(coalesce(:limits, limits), 'null'),
      document = CASE WHEN :documentRef IS NULL THEN document ELSE :document END,
      document_ref = coalesce(:documentRef, document_ref), document_hash = coalesce(:documentHash, document_hash),
      version = version + (:documentRef IS NOT NULL), revision = revision + 1, updated_at = :now
  WHERE trace_id = :traceId AND project = :project AND revision = :revision`,
  pause: 'UPDATE spec SET paused = ?, paused_keys = ? WHERE trace_id = ?',
  requeue: `
  UPDATE spec
  SET status = 'WAITING', steps = ?, error = NULL, attempt = attempt + 1, lease_owner = NULL, lease_until = NULL,
      touched_at = ?
  WHERE trace_id = ?`,
  findProject: 'SELECT project FROM spec WHERE trace_id = ?',
  findLease: 'SELECT lease_owner, lease_until FROM spec WHERE trace_id = ?',
  archive: 'INSERT INTO spec_archive (trace_id, project, archived_at, record, document) VALUES (?, ?, ?, ?, ?)',
  delete: 'DELETE FROM spec WHERE trace_id = ?',
  // The claims are named by their stage.
  generate: `
  UPDATE spec
  SET status = 'IN_PROGRESS', steps = :steps, attempt = attempt + 1, lease_owner = :owner, lease_until = :until,
      updated_at = :now, touched_at = :now
  WHERE trace_id = :traceId AND status IN ('WAITING', 'IN_PROGRESS', 'READY_YAML') AND ${UNHELD}
  RETURNING ${SPEC_COLUMNS}`,
  review: `
  UPDATE spec
  SET attempt = attempt + 1, lease_owner = :owner, lease_until = :until, updated_at = :now, touched_at = :now
  WHERE trace_id = :traceId AND status = 'READY_CLIENT' AND ${UNHELD}
  RETURNING ${SPEC_COLUMNS}`,
  advance: `
  UPDATE spec
  SET status = :status, steps = :steps, error = :error, updated_at = :now, touched_at = :touchedAt,
      serving_version = CASE WHEN :status = 'SUCCESS' THEN version ELSE serving_version END,
      lease_owner = CASE WHEN :release THEN NULL ELSE lease_owner END,
      lease_until = CASE WHEN :release THEN NULL ELSE lease_until END
  ${UNDER_CLAIM}`,
  renew: `UPDATE spec SET lease_until = :until ${UNDER_CLAIM}`,
  due: `
  SELECT trace_id, status FROM spec
  WHERE touched_at < ? AND (lease_until IS NULL OR lease_until <= ?)
  ORDER BY touched_at, id LIMIT ?`,
  touch: 'UPDATE spec SET touched_at = ? WHERE trace_id = ?',
  addVersion: `
  INSERT INTO spec_version (spec_trace_id, version, document_ref, document, document_hash, created_at)
  SELECT trace_id, version, document_ref, document, document_hash, updated_at FROM spec WHERE trace_id = ?`,
  noteOutcome: `
  UPDATE spec_version SET outcome = ?, error = ?
  WHERE spec_trace_id = ? AND version = (SELECT version FROM spec WHERE trace_id = spec_trace_id)`,
  noteReport: `
  UPDATE spec_version SET report_ref = ?, report = ?
  WHERE spec_trace_id = ? AND version = (SELECT version FROM spec WHERE trace_id = spec_trace_id)`,
  versions: `
  SELECT ${VERSION_COLUMNS} FROM spec_version WHERE spec_trace_id = ? AND version < ? ORDER BY version DESC LIMIT ?`,
  findVersion: `SELECT ${VERSION_COLUMNS} FROM spec_version WHERE spec_trace_id = ? AND version = ?`,
  countDrift: `
  INSERT INTO drift (spec_trace_id, version, method, path, count, last_at) VALUES (?, ?, ?, ?, 1, ?)
  ON CONFLICT DO UPDATE SET count = count + 1, last_at = max(last_at, excluded.last_at)`,
  drifts: 'SELECT version, method, path, count, last_at FROM drift WHERE spec_trace_id = ? AND version = ?',
  saveClient: `INSERT OR REPLACE INTO client (${CLIENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  findClient: `SELECT ${CLIENT_COLUMNS} FROM client WHERE spec_trace_id = ? AND version = ?`,
  findNewestClient: `SELECT ${CLIENT_COLUMNS} FROM client WHERE spec_trace_id = ? ORDER BY version DESC LIMIT 1`,
  resume: `
  UPDATE spec SET touched_at = 0, lease_until = CASE WHEN lease_until IS NULL THEN NULL ELSE 0 END
  WHERE touched_at IS NOT NULL`,
} as const;
