import { KeyRing } from '#encryption';

const USAGE = 'Expected one of: new';

const [command] = process.argv.slice(2);
if (command === 'new') {
  process.stdout.write(`${KeyRing.newKey()}\n`);
} else {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
}
