// npm run bench: the bars of speed, each beside what it is judged by, in one run. npm run bench -- NAME OPTIONS: one of them, or another.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BARS = ['calls', 'many', 'due', 'distributed', 'late'];
const OTHERS = ['documents', 'encryption', 'fairness', 'large-answer', 'list', 'requests', 'store'];

const [name, ...options] = process.argv.slice(2);
const isNamed = name !== undefined && !name.startsWith('-');
if (!isNamed && process.argv.length > 2) {
  fail(`Expected a name before its options: npm run bench -- calls ${process.argv.slice(2).join(' ')}`);
} else if (!isNamed) {
  // Each in a process of its own, so that none is measured with the memory of another.
  for (const each of BARS) if (run(each, []) !== 0) process.exitCode = 1;
} else if ([...BARS, ...OTHERS].includes(name)) {
  process.exitCode = run(name, options);
} else {
  fail(`Expected one of ${[...BARS, ...OTHERS].join(', ')}, got ${JSON.stringify(name)}.`);
}

function run(bench, options) {
  const file = fileURLToPath(new URL(`./${bench}.mjs`, import.meta.url));
  return spawnSync(process.execPath, [file, ...options], { stdio: 'inherit' }).status ?? 1;
}

function fail(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
