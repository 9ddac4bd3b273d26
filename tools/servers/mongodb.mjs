import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, digestOf, findProgram } from './host.mjs';
import { answers, end, launch, run, until } from './processes.mjs';

const source = join(import.meta.dirname, '..', 'mongodb-wire');
const version = digestOf(...['main.go', 'atomic.go', 'go.mod', 'go.sum'].map((file) => join(source, file)));
const binary = join(cacheDir, 'bin', `mongodb-wire-${version}`);

/** A server of the MongoDB protocol (FerretDB, see tools/mongodb-wire) that stores in a PostgreSQL of its own. */
export const mongodb = {
  name: 'mongodb',
  packages: ['postgresql'],
  tools: { go: 'https://go.dev' },
  ports: { mongodb: 27117, postgresql: 15432 },
  installed: () => postgresql('postgres') !== undefined && existsSync(binary),
  async install() {
    await run('go', ['build', '-o', binary, '.'], { cwd: source });
  },
  async start({ ports, folder, log }) {
    const data = join(folder, 'postgresql');
    const user = postgresUser();
    if (!existsSync(join(data, 'PG_VERSION'))) {
      mkdirSync(data, { recursive: true });
      chmodSync(data, 0o700);
      if (user.uid !== undefined) chownSync(data, user.uid, user.gid);
      const args = ['-D', data, '-U', 'callboard', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
      execFileSync(postgresql('initdb'), args, { ...user, cwd: folder, stdio: 'ignore' });
    }
    const postgres = await launch({
      name: 'postgres',
      command: postgresql('postgres'),
      args: ['-D', data, ...settings({ port: ports.postgresql, unix_socket_directories: '' })],
      ...user,
      cwd: folder,
      log,
    });
    postgres.stopSignal = 'SIGINT';
    // Of PostgreSQL's ways to go, this one is the crash: no shutdown checkpoint, recovery at the next start.
    postgres.killSignal = 'SIGQUIT';
    if (!(await until(() => accepts(ports.postgresql), { seconds: 30, every: 100 }))) {
      await end(postgres);
      throw new Error(`PostgreSQL was not ready within 30 s; its log is ${log}`);
    }
    const url = `postgres://callboard@127.0.0.1:${String(ports.postgresql)}/postgres?pool_max_conns=500`;
    const wire = await launch({
      name: 'mongodb-wire',
      command: binary,
      args: ['-listen', `127.0.0.1:${String(ports.mongodb)}`, '-postgresql-url', url],
      cwd: folder,
      log,
    });
    return [postgres, wire];
  },
  ready: ({ ports }) => answers(ports.mongodb),
  environment: ({ ports }) => ({ MONGODB_URI: `mongodb://127.0.0.1:${String(ports.mongodb)}/callboard` }),
};

/** Fast where only a power cut could tell the difference: these data need not outlive the machine. */
function settings(more) {
  const all = { listen_addresses: '127.0.0.1', max_connections: 600, fsync: 'off', full_page_writes: 'off', ...more };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]);
}

function postgresql(program) {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return findProgram(...versions.map((version) => join(root, version, 'bin', program)), program);
}

/** PostgreSQL refuses to run as root, so root runs it as the user that its package made. */
function postgresUser() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function accepts(port) {
  try {
    execFileSync(postgresql('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
