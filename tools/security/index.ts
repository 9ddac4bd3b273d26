/**
 * npm run security -- [NAME…]: attacks Callboard and its parts, suite by suite, and prints what was tried and what came
 * through. Exit code 1 when anything did, or when fewer attacks were made than a suite is to make.
 */
import { messageOf } from '#core';
import type { SuiteEntry, SuiteReport } from './suite.js';
import { SUITES } from './suites.js';

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SUITES);
const unknown = names.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  console.error(`Expected names of suites (${Object.keys(SUITES).join(', ')}), got ${unknown.join(', ')}.`);
  process.exit(1);
}

const reports: (SuiteReport & { wanted: number; seconds: number })[] = [];
for (const name of names) {
  const suite = SUITES[name];
  if (suite) reports.push(await runSuite(name, suite));
}
printTable();
for (const { name, failures, leftOut } of reports) {
  for (const failure of failures) console.log(`${name}: ${failure}`);
  if (leftOut !== undefined) console.log(`${name} was left out: ${leftOut}`);
}
const isSafe = reports.every((report) => ['ok', 'left out'].includes(verdictOf(report)));
console.log(isSafe ? 'Nothing came through.' : 'Not safe.');
// What a suite has left open must not keep the answer waiting.
process.exit(isSafe ? 0 : 1);

async function runSuite(name: string, { wanted, load }: SuiteEntry): Promise<(typeof reports)[number]> {
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  let tried = 0;
  const show = (): void => say(`${name}: ${tried} tried after ${seconds()} s`);
  const timer = setInterval(show, process.stderr.isTTY ? 500 : 15_000);
  try {
    const { run } = await load();
    const report = await run((count) => (tried = count));
    return { ...report, name, wanted, seconds: seconds() };
  } catch (error) {
    const failure = `The suite ended early: ${messageOf(error)}`;
    return { name, tried, through: 0, failures: [failure], wanted, seconds: seconds() };
  } finally {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}

/** Progress is no part of the output: on a terminal one line that changes, elsewhere a line now and then. */
function say(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

function verdictOf({ tried, wanted, through, failures, leftOut }: (typeof reports)[number]): string {
  if (leftOut !== undefined) return 'left out';
  if (through > 0) return 'THROUGH';
  if (failures.length > 0) return 'FAILED';
  return tried < wanted ? 'TOO FEW' : 'ok';
}

function printTable(): void {
  const head = ['suite', 'tried', 'through', 'wanted', 'seconds', ''];
  const rows = reports.map((report) => [
    report.name,
    ...[report.tried, report.through, report.wanted, report.seconds].map((count) => count.toLocaleString('en')),
    verdictOf(report),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(cells.join('  ').trimEnd());
  }
}
