import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './host.mjs';
import { answers, isAlive, known, launch, until } from './processes.mjs';

const ROOT = '/usr/lib/rabbitmq/lib';

/**
 * RabbitMQ beside whatever the machine runs already: a name service (epmd), ports, cookie, data and log of its own.
 * Debian's wrapper is passed by, since it would switch the user and use the system's folders.
 */
export const rabbitmq = {
  name: 'rabbitmq',
  packages: ['rabbitmq-server'],
  ports: { amqp: 5682, distribution: 25682, epmd: 4379 },
  installed: () => serverScript() !== undefined && findProgram('epmd') !== undefined,
  async start({ ports, folder, log }) {
    const pidFile = join(folder, 'rabbitmq.pid');
    rmSync(pidFile, { force: true });
    mkdirSync(join(folder, 'home'), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'rabbitmq.conf'), configuration(ports));
    writeFileSync(join(folder, 'enabled_plugins'), '[].\n');
    const epmd = await launch({
      name: 'epmd',
      command: findProgram('epmd'),
      args: ['-port', String(ports.epmd), '-address', '127.0.0.1'],
      log,
    });
    const script = await launch({
      name: 'rabbitmq-server',
      command: serverScript(),
      env: environmentOf({ ports, folder, pidFile }),
      cwd: folder,
      log,
    });
    // The script stays as the parent of the Erlang VM, which is what is to be stopped or killed, and which writes this file.
    const pid = await until(() => !isAlive(script) || readPid(pidFile), { seconds: 60 });
    return [epmd, script, ...(typeof pid === 'number' ? [known('rabbitmq', pid)] : [])];
  },
  // The listener opens at the very end of the boot; a server that is up answers the AMQP header with connection.start.
  ready: ({ ports }) => answers(ports.amqp, Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'), Buffer.from([1, 0, 0])),
  environment: ({ ports }) => ({ RABBITMQ_URL: `amqp://guest:guest@127.0.0.1:${String(ports.amqp)}` }),
};

function serverScript() {
  try {
    const [version] = readdirSync(ROOT).filter((folder) => folder.startsWith('rabbitmq_server-'));
    return version && findProgram(join(ROOT, version, 'sbin', 'rabbitmq-server'));
  } catch {
    return findProgram('rabbitmq-server');
  }
}

function configuration(ports) {
  return [
    `listeners.tcp.local = 127.0.0.1:${String(ports.amqp)}`,
    // A test machine may be nearly full or busy; alarms that block publishers are not what these tests are about.
    'disk_free_limit.absolute = 50MB',
    'vm_memory_high_watermark.absolute = 1GB',
    'log.console = true',
    'log.file = false',
    '',
  ].join('\n');
}

function environmentOf({ ports, folder, pidFile }) {
  return {
    HOME: join(folder, 'home'),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.epmd),
    RABBITMQ_NODENAME: 'callboard@localhost',
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_PID_FILE: pidFile,
  };
}

function readPid(path) {
  try {
    return Number(readFileSync(path, 'utf8').trim()) || undefined;
  } catch {
    return undefined;
  }
}
