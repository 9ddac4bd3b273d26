import { PRIORITY_STEP_MS } from '#core';
import { PROCESS_COLUMNS, STATE_COLUMNS } from './process-rows.js';

const ASKED = "json_extract(request, '$.method'), json_extract(request, '$.endpoint')";
const UNDER_CLAIM = "WHERE trace_id = ? AND attempt = ? AND status = 'IN_PROGRESS'";

const CANCELLED_UNDER_CLAIM = "WHERE trace_id = ? AND attempt = ? AND status = 'CANCELLED'";

/** Every statement about processes. Each finds its rows through an index, whose size does not grow with what has ended. */
export const PROCESS_SQL = {
  insert: `
  INSERT INTO process (trace_id, project, kind, service, spec_trace_id, request, status, steps, error,
                       created_at, updated_at, due_at, attempt, look_at, timed_at, priority, key)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  insertBody: 'INSERT INTO process_body (process_id, content) VALUES (?, ?)',
  find: `SELECT ${PROCESS_COLUMNS} FROM process WHERE trace_id = ?`,
  findState: `SELECT ${STATE_COLUMNS} FROM process WHERE trace_id = ? AND project = ?`,
  findProject: 'SELECT project FROM process WHERE trace_id = ?',
  // In the query, so that one of another project costs what none costs.
  findIn: `SELECT ${PROCESS_COLUMNS} FROM process WHERE trace_id = ? AND project = ?`,
  findBody: 'SELECT content FROM process_body WHERE process_id = ?',
  findResponse: `
  SELECT r.head, r.content FROM process p JOIN process_response r ON r.process_id = p.id
  WHERE p.trace_id = ? AND p.project = ?`,
  // What was due when it was last written stays due, though the clock of this machine, or of this hour, be behind.
  claim: `
  UPDATE process
  SET status = 'IN_PROGRESS', steps = ?, attempt = attempt + 1, lease_owner = ?, lease_until = ?, look_at = ?,
      offered_until = NULL, timed_at = NULL, updated_at = ?
  WHERE trace_id = ?
    AND (status = 'WAITING' AND due_at <= max(?, updated_at) OR status = 'IN_PROGRESS' AND lease_until <= ?)
  RETURNING ${PROCESS_COLUMNS}`,
  renew: `UPDATE process SET lease_until = ?, look_at = ?, offered_until = NULL ${UNDER_CLAIM}`,
  held: `SELECT 1 FROM process ${UNDER_CLAIM}`,
  handBack: `
  UPDATE process
  SET status = 'WAITING', steps = ?, due_at = ?, look_at = ?, updated_at = ?,
      spec_version = coalesce(?, spec_version), timed_at = ?, held_key = ?, held_rank = ?, held_why = ?,
      lease_owner = NULL, lease_until = NULL, offered_until = NULL
  ${UNDER_CLAIM}`,
  noteSending: `UPDATE process SET sending = attempt ${UNDER_CLAIM}`,
  noteUnsent: `UPDATE process SET sending = NULL ${UNDER_CLAIM} AND sending = attempt`,
  // The time of the next call stands where a lease would end. The attempt rises, so that the claim is over.
  tryLater: `
  UPDATE process
  SET attempt = attempt + 1, calls = ?, spec_version = ?, sending = NULL, updated_at = ?,
      lease_owner = NULL, lease_until = ?, look_at = ?, timed_at = ?, offered_until = NULL
  ${UNDER_CLAIM}`,
  complete: `
  UPDATE process
  SET status = ?, steps = ?, error = ?, updated_at = ?, spec_version = coalesce(?, spec_version), drift = ?,
      calls = coalesce(?, calls), dead_at = ?,
      sending = NULL, look_at = NULL, lease_owner = NULL, lease_until = NULL, offered_until = NULL
  ${UNDER_CLAIM} RETURNING id, project, octet_length(calls)`,
  // What stays without a due time would stay parked.
  cancel: `
  UPDATE process
  SET status = 'CANCELLED', steps = json_insert(steps, '$[#]', ?), attempt = attempt + 1, due_at = ?, updated_at = ?,
      look_at = NULL, timed_at = NULL, sending = NULL, held_key = NULL, held_why = NULL,
      lease_owner = NULL, lease_until = NULL, offered_until = NULL
  WHERE trace_id = ? AND project = ? AND status IN ('WAITING', 'IN_PROGRESS')
  RETURNING octet_length(calls)`,
  findCallsBytes: `SELECT octet_length(calls) FROM process ${CANCELLED_UNDER_CLAIM}`,
  noteCalls: `UPDATE process SET calls = ? ${CANCELLED_UNDER_CLAIM}`,
  insertResponse: 'INSERT INTO process_response (process_id, head, content) VALUES (?, ?, ?)',
  // In pieces, since nothing else runs meanwhile; a process that moves on between two of them may count twice.
  unendedDue: `
  SELECT priority, look_at, id, spec_trace_id, ${ASKED} FROM process
  WHERE look_at IS NOT NULL AND (priority, look_at, id) > (?, ?, ?) ORDER BY priority, look_at, id LIMIT ?`,
  unendedParked: `
  SELECT priority, created_at, id, spec_trace_id, ${ASKED} FROM process
  WHERE spec_trace_id = ? AND due_at IS NULL AND held_key IS NULL AND (priority, created_at, id) > (?, ?, ?)
  ORDER BY priority, created_at, id LIMIT ?`,
  unendedHeld: `
  SELECT held_key, held_rank, id, spec_trace_id, ${ASKED} FROM process
  WHERE spec_trace_id = ? AND held_key IS NOT NULL AND (held_key, held_rank, id) > (?, ?, ?)
  ORDER BY held_key, held_rank, id LIMIT ?`,
  parked: `
  SELECT id, trace_id, priority, created_at FROM process
  WHERE spec_trace_id = ? AND due_at IS NULL AND held_key IS NULL AND priority = ? ORDER BY created_at, id LIMIT ?`,
  release: 'UPDATE process SET due_at = ?, look_at = ?, updated_at = ?, timed_at = NULL WHERE id = ?',
  // Steps from one Spec to the next in the index, however many processes each has.
  parkedSpecs: distinct('spec_trace_id', 'due_at IS NULL AND held_key IS NULL AND spec_trace_id > :after'),
  heldSpecs: distinct('spec_trace_id', 'held_key IS NOT NULL AND spec_trace_id > :after'),
  heldKeys: distinct('held_key', 'spec_trace_id = :spec AND held_key IS NOT NULL AND held_key > :after'),
  heldLine: `
  SELECT trace_id, priority, held_rank FROM process
  WHERE spec_trace_id = ? AND held_key = ? ORDER BY held_rank, id LIMIT ?`,
  releaseHeld: `
  UPDATE process
  SET due_at = held_rank + priority * ${PRIORITY_STEP_MS}, look_at = ?, offered_until = ?, updated_at = ?,
      timed_at = NULL, held_key = NULL, held_rank = NULL, held_why = NULL
  WHERE trace_id = ? AND held_key IS NOT NULL`,
  dueTimed:
    'SELECT id, priority, timed_at FROM process WHERE priority = ? AND timed_at <= ? ORDER BY timed_at, id LIMIT ?',
  giveOutTimed: `
  UPDATE process
  SET timed_at = NULL, due_at = coalesce(due_at, ?), look_at = ?, offered_until = ?,
      held_key = NULL, held_rank = NULL, held_why = NULL
  WHERE id = ? RETURNING trace_id`,
  nextTimed: 'SELECT min(timed_at) FROM process WHERE priority = ? AND timed_at IS NOT NULL',
  // Parked ones have no due time, and what was never claimed waits for the time that was asked for.
  followClock: `
  UPDATE process
  SET lease_until = CASE status WHEN 'IN_PROGRESS' THEN lease_until - updated_at + ? ELSE lease_until END,
      due_at = CASE status WHEN 'WAITING' THEN due_at - updated_at + ? ELSE due_at END,
      timed_at = CASE status WHEN 'IN_PROGRESS' THEN lease_until ELSE due_at END - updated_at + ?,
      look_at = CASE status WHEN 'IN_PROGRESS' THEN lease_until ELSE due_at END - updated_at + ?,
      updated_at = ?, offered_until = NULL
  WHERE look_at IS NOT NULL AND attempt > 0 AND updated_at > ? AND lease_owner IS NULL
    AND (timed_at IS NOT NULL OR status = 'IN_PROGRESS')`,
  // Its message may be lost, or never have been sent.
  followClockDue: `
  UPDATE process SET due_at = ?, look_at = ?, offered_until = NULL
  WHERE look_at > ? AND status = 'WAITING' AND due_at <= updated_at AND updated_at > ?`,
  // By the index alone.
  countPending: 'SELECT count(*) FROM (SELECT 1 FROM process WHERE look_at IS NOT NULL LIMIT ?)',
  countParked: `
  SELECT count(*) FROM (
    SELECT 1 FROM process INDEXED BY process_parked WHERE due_at IS NULL AND held_key IS NULL LIMIT ?
  )`,
  countHeld: 'SELECT count(*) FROM (SELECT 1 FROM process INDEXED BY process_held WHERE held_key IS NOT NULL LIMIT ?)',
  countOf: `
  SELECT count(*) FROM (
    SELECT 1 FROM process INDEXED BY process_not_done WHERE project = ? AND status = ? AND status <> 'SUCCESS' LIMIT ?
  )`,
  oldestDue: `
  SELECT min(due_at) FROM (
    SELECT status, due_at FROM process WHERE priority = ? AND look_at IS NOT NULL ORDER BY look_at, id LIMIT ?
  ) WHERE status = 'WAITING' AND due_at <= ?`,
  due: `
  SELECT id, priority, look_at FROM process
  WHERE priority = ? AND look_at <= ? AND (offered_until IS NULL OR offered_until <= ?)
    AND (status = 'WAITING' AND (due_at < ? OR due_at <= updated_at AND updated_at > ?)
      OR status = 'IN_PROGRESS' AND lease_until < ?)
  ORDER BY look_at, id LIMIT ?`,
  offer: `
  UPDATE process
  SET offered_until = ?, look_at = ?, timed_at = CASE WHEN timed_at <= ? THEN NULL ELSE timed_at END
  WHERE id = ? RETURNING trace_id, due_at`,
  // Whoever held work or was offered it is gone. What was written in the future was so by a clock since set back.
  resume: `
  UPDATE process
  SET lease_until = CASE WHEN lease_owner IS NULL THEN lease_until ELSE 0 END, offered_until = NULL,
      look_at = CASE
        WHEN status = 'IN_PROGRESS' AND lease_owner IS NULL THEN lease_until
        WHEN due_at <= updated_at THEN min(due_at, ?)
        ELSE due_at END
  WHERE look_at IS NOT NULL AND (status = 'IN_PROGRESS' OR offered_until IS NOT NULL OR updated_at > ?)`,
} as const;

/** The values of a column of an index, found by stepping from each to the next. Parameters: those of `where`, `:limit`. */
function distinct(column: string, where: string): string {
  return `
  WITH RECURSIVE found (value) AS (
    SELECT min(${column}) FROM process WHERE ${where}
    UNION ALL
    SELECT (SELECT min(${column}) FROM process WHERE ${where} AND ${column} > value)
    FROM found WHERE value IS NOT NULL
  )
  SELECT value FROM found WHERE value IS NOT NULL LIMIT :limit`;
}
