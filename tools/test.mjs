// npm test: every test that this machine can run. Arguments go to jest: npm test -- libs/core
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Callboard's tests need Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

import('./test-run.mjs')
  .then(({ testRun }) => testRun(process.argv.slice(2)))
  .then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
