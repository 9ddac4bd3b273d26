// Makes a checkout ready to run: packages installed, sources compiled; nothing twice. Needs Node.js alone.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const installStamp = join(root, 'node_modules', '.callboard-stamp');
const buildStamp = join(root, 'dist', '.callboard-stamp');
const isTest = /\.(spec|int-spec|e2e-spec)\.ts$/;
/** What the output depends on beside the sources. */
const recipe = ['.swcrc', 'package.json', 'package-lock.json', 'tsconfig.json', 'tools/build.mjs'];

/**
 * Installs when node_modules is missing or does not hold what package-lock.json says, and builds when a source was
 * added, changed or removed since the last build. Costs some ten milliseconds when there is nothing to do.
 * @throws {Error} one sentence that says what failed; the program's own output has been printed by then
 */
export async function prepare() {
  if (isInstalled() && isBuilt()) return;
  // Loaded only now: a start with nothing to do should pay for nothing.
  const { withLock } = await import('./servers/host.mjs');
  const lock = join(tmpdir(), `callboard-setup-${digest(root).slice(0, 12)}.lock`);
  await withLock(
    lock,
    async () => {
      if (!isInstalled()) await install();
      if (!isBuilt()) await build();
    },
    () => say('waiting for another set-up of this folder to end'),
  );
}

function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

function isInstalled() {
  const lock = read(join(root, 'package-lock.json'));
  const wanted = `${process.platform} ${process.arch} ${digest(lock)}`;
  if (read(installStamp) === wanted) return true;
  // Someone may have installed by hand: npm notes in node_modules what it put there.
  if (!holdsAll(lock, read(join(root, 'node_modules', '.package-lock.json')))) return false;
  writeFileSync(installStamp, wanted);
  return true;
}

function holdsAll(lock, installed) {
  if (installed === '') return false;
  const present = JSON.parse(installed).packages;
  return Object.entries(JSON.parse(lock).packages).every(
    ([path, { version, optional }]) => path === '' || optional || present[path]?.version === version,
  );
}

async function install() {
  // Development packages too, whatever NODE_ENV says: the compiler is one of them.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  await timed('installing packages (npm ci)', () =>
    npm === undefined ? exec('npm', args) : exec(process.execPath, [npm, ...args]),
  );
  if (!isInstalled()) throw new Error('npm ci ended well, but node_modules does not hold what package-lock.json says.');
}

function isBuilt() {
  return read(buildStamp) === fingerprint();
}

async function build() {
  const before = fingerprint();
  await timed('building', () => exec(process.execPath, [join(root, 'tools', 'build.mjs')]));
  mkdirSync(dirname(buildStamp), { recursive: true });
  writeFileSync(buildStamp, before);
}

/** Changes when a file that the output depends on is added, changed or removed. */
function fingerprint() {
  const files = ['apps', 'libs'].flatMap((folder) => filesIn(join(root, folder))).sort();
  const parts = [...files, ...recipe.map((file) => join(root, file))].map((file) => {
    const info = statSync(file, { throwIfNoEntry: false });
    return `${file}:${String(info?.size)}:${String(info?.mtimeMs)}`;
  });
  return digest(parts.join('\n'));
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !isTest.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function timed(what, work) {
  const begun = performance.now();
  const elapsed = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`;
  say(`${what} ...`);
  const ticking = setInterval(() => say(`${what}: ${elapsed()} so far`), 10_000);
  try {
    await work();
  } finally {
    clearInterval(ticking);
  }
  say(`${what}: done in ${elapsed()}`);
}

/** Its standard output goes to our standard error: standard output belongs to what is run afterwards. */
async function exec(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`"${command} ${args.join(' ')}" ended with ${String(code ?? signal)}.`);
}

function digest(text) {
  return createHash('sha256').update(text).digest('hex');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
