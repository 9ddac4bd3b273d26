import { parseArgs } from 'node:util';
import { DATABASES } from './servers.mjs';

const USAGE = `usage: npm run chaos -- [FLAG...]
  --fault NAME      only this one; may be given more than once
  --on DEPLOYMENT   only what happens to this: distributed, standalone, small disk, odd clock
  --database NAME   what is under the distributed one: mongodb, or mongodb-java, which is faster and keeps nothing (mongodb)
  --times N         how often each fault happens (5)
  --calls N         calls of a deployment's faults together (10000); a fifth of them are POST
  --rate N          calls a second; unless given, what the deployment bears
  --deadline N      seconds that a call may take to end after the last blow (180)
  --keep            keep the folder with data and logs
  --list            name the faults`;

/** @throws {Error} the usage, when the command line is wrong */
export function readOptions(args, faults) {
  const { values } = parsed(args);
  if (values.list) throw new Error(faults.map(({ name, deployment }) => `${name} (${deployment})`).join('\n'));
  const unknown = (values.fault ?? []).find((name) => !faults.some((fault) => fault.name === name));
  if (unknown !== undefined) throw new Error(`Expected a fault of --list, got "${unknown}".`);
  const chosen = faults.filter(
    ({ name, deployment }) =>
      (!values.fault || values.fault.includes(name)) && (!values.on || values.on.includes(deployment)),
  );
  if (chosen.length === 0) throw new Error(`Expected flags that leave a fault, got none.\n${USAGE}`);
  return {
    faults: chosen,
    database: known(values.database),
    times: count(values.times, 5, 'times'),
    calls: count(values.calls, 10_000, 'calls'),
    rate: values.rate === undefined ? undefined : count(values.rate, 1, 'rate'),
    deadlineMs: count(values.deadline, 180, 'deadline') * 1_000,
    keep: values.keep,
  };
}

function parsed(args) {
  const options = {
    fault: { type: 'string', multiple: true },
    on: { type: 'string', multiple: true },
    database: { type: 'string', default: 'mongodb' },
    times: { type: 'string' },
    calls: { type: 'string' },
    rate: { type: 'string' },
    deadline: { type: 'string' },
    keep: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  };
  try {
    return parseArgs({ args, options });
  } catch (error) {
    throw new Error(`${error.message}\n${USAGE}`, { cause: error });
  }
}

function known(database) {
  if (database in DATABASES) return database;
  throw new Error(`Expected --database to be one of ${Object.keys(DATABASES).join(', ')}, got "${database}".`);
}

function count(text, fallback, name) {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`Expected --${name} to be a number from 1, got "${text}".`);
  return Number(text);
}
