import { AppError } from '#core';
import { runUserCommand } from './user-command.js';

try {
  process.stdout.write(await runUserCommand(process.argv.slice(2), process.stdin));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
