// npm start: from a bare checkout to a running Callboard. Plain syntax and no static import, so that an old Node.js gets as far as the sentence below.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Callboard needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

const main = new URL('../dist/apps/standalone/main.js', import.meta.url);

import('./setup.mjs')
  .then(({ prepare }) => prepare())
  .then(
    () => {
      // In this process, since a second one would cost some forty megabytes for nothing.
      process.argv[1] = main.pathname;
      return import(main);
    },
    (error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
