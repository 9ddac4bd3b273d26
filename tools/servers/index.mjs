#!/usr/bin/env node
// The real servers that tests run against. See usage below.
import { environment, install, runs, select, start, stop } from './fleet.mjs';
import { dataDir } from './host.mjs';

const usage = `usage: node tools/servers/index.mjs COMMAND [NAME...]
  install  get what is missing (Debian packages as root, Go and Python builds)
  start    start those that do not run, wait until they are ready, print the environment
  stop     stop them, keeping ports and data; with --kill as a crash would; with --erase drop the data too
  env      print the environment that leads tests to those that run, as shell lines, or as --json
  status   say which run
NAME is rabbitmq, redis, mongodb, mongodb-java, minio, httpbin, chromium or openapi-generator; none means all of
them.
CALLBOARD_SERVERS_CACHE names the folder for binaries, CALLBOARD_SERVERS_DATA the one for data: a second data folder
is a second, independent set of servers.`;

const say = (line) => process.stderr.write(`servers: ${line}\n`);

try {
  const words = process.argv.slice(2);
  const flags = new Set(words.filter((word) => word.startsWith('--')));
  const [command, ...names] = words.filter((word) => !word.startsWith('--'));
  const chosen = select(names);
  const print = (variables) => {
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
    console.log(flags.has('--json') ? JSON.stringify(variables) : lines.join('\n'));
  };
  if (command === 'install') await install(chosen, say);
  else if (command === 'start') print((await start(chosen, say)).environment);
  else if (command === 'stop') await stop(chosen, { crash: flags.has('--kill'), erase: flags.has('--erase') }, say);
  else if (command === 'env') print(environment(chosen));
  else if (command === 'status') {
    for (const server of chosen.filter((each) => each.start))
      console.log(`${server.name}: ${runs(server) ? 'runs' : 'stopped'}`);
    console.log(`data and logs: ${dataDir}`);
  } else {
    console.error(usage);
    process.exitCode = 2;
  }
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
