/** The columns whose every count breaks the promise. */
export const BARS = ['failed', 'lost', 'stuck', 'twice', 'wrong', 'unclear'];

const COLUMNS = [
  ['fault', (row) => row.fault],
  ['times', (row) => row.times],
  ['accepted', (row) => row.accepted],
  ['SUCCESS', (row) => row.success],
  ['unknown', (row) => row.unknown],
  ['failed', (row) => row.failed],
  ['lost', (row) => row.lost],
  ['stuck', (row) => row.stuck],
  ['POST twice', (row) => row.twice],
  ['wrong', (row) => row.wrong],
  ['unclear', (row) => row.unclear],
  ['recovery s', (row) => row.recoveriesMs.map((ms) => (ms / 1_000).toFixed(1)).join(' ')],
];

/** @returns {string} the table, and what its columns mean */
export function table(rows) {
  const cells = [COLUMNS.map(([name]) => name), ...rows.map((row) => COLUMNS.map(([, of]) => String(of(row))))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '),
  );
  return [
    ...lines,
    '',
    'unknown: a POST whose worker died while it was under way; it reached the service once at most and was not sent again.',
    'failed: ended in any other ERROR; lost: accepted and not there, or SUCCESS without a call; stuck: not ended in time;',
    'wrong: a stored answer that differs from what the service sent; unclear: a refusal that is not one sentence.',
    'recovery: from the blow until all that was accepted before its cause was over had ended.',
  ].join('\n');
}

export function isBroken(row) {
  return BARS.some((name) => row[name] > 0) || row.complaints.length > 0;
}
