import { ConfigError } from '#config';
import { AppError } from '#core';
import { runKeysCommand } from './keys-command.js';

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
try {
  const isDone = await runKeysCommand(process.argv.slice(2), {
    print: (text) => void process.stdout.write(text),
    tell,
  });
  if (!isDone) process.exitCode = 1;
} catch (error) {
  if (error instanceof ConfigError) error.faults.forEach(tell);
  else if (error instanceof AppError) tell(error.message);
  else throw error;
  process.exitCode = error instanceof AppError && error.code === 'USAGE' ? 2 : 1;
}
