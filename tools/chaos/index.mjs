#!/usr/bin/env node
// npm run chaos: what Callboard promises, while all that it is made of is killed, frozen and starved. See --list.
import { Ending } from './ending.mjs';
import { workFolder } from './deployments.mjs';
import { FAULTS } from './faults.mjs';
import { readOptions } from './options.mjs';
import { isBroken, table } from './report.mjs';
import { strikeDown } from './run.mjs';

const begun = performance.now();
const say = (line) => process.stderr.write(`chaos: ${seconds().padStart(4)} s: ${line}\n`);
const ending = new Ending();
const rows = [];
let isKept = false;

try {
  const options = readOptions(process.argv.slice(2), FAULTS);
  isKept = options.keep;
  const folder = await workFolder(ending.add, () => isKept);
  const deployments = [...new Set(options.faults.map((fault) => fault.deployment))];
  for (const name of deployments) {
    const faults = options.faults.filter((fault) => fault.deployment === name);
    const { mark } = ending;
    await strikeDown(name, faults, { options, ending, folder, say, rows });
    await ending.run(say, mark);
  }
  if (rows.some(isBroken)) {
    isKept = true;
    process.exitCode = 1;
    say(`logs and data are kept in ${folder}`);
  }
} catch (error) {
  process.exitCode = 1;
  say(error.message);
} finally {
  await ending.run(say);
}
if (rows.length > 0) {
  for (const { complaints } of rows) for (const line of complaints) console.log(line);
  console.log(table(rows));
  console.log(`\nin ${seconds()} s`);
}

function seconds() {
  return ((performance.now() - begun) / 1_000).toFixed(0);
}
