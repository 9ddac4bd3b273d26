/**
 * OpenAPI Generator, for people who want an SDK in another language: `node tools/openapi-generator.mjs help`. Callboard
 * itself never runs what it makes. The jar is fetched at first use and its checksum is checked before every use.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const VERSION = '7.25.0';
/** Of openapi-generator-cli-7.25.0.jar, measured on what two routes brought: Maven, and the npm package. */
const SHA256 = '41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae';
/** The npm package whose only use here is that it can fetch the jar on machines without Maven. */
const NPM_PACKAGE = '@openapitools/openapi-generator-cli@2.41.0';
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

const folder = process.env.OPENAPI_GENERATOR_CACHE ?? join(homedir(), '.cache', 'callboard-openapi-generator');
const cached = join(folder, `openapi-generator-cli-${VERSION}.jar`);

try {
  const jar = process.env.OPENAPI_GENERATOR_JAR ?? (await provide());
  await check(jar);
  const child = spawn('java', ['-jar', jar, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.once('error', () => fail('OpenAPI Generator needs Java 11 or newer: no program named java was found.'));
  child.once('close', (code) => (process.exitCode = code ?? 1));
} catch (error) {
  fail(error.message);
}

/** The jar in the cache, fetched if it is not there yet. */
async function provide() {
  if (existsSync(cached)) return cached;
  mkdirSync(folder, { recursive: true });
  const draft = mkdtempSync(join(folder, 'fetch-'));
  try {
    console.error(`Fetching OpenAPI Generator ${VERSION} (31 MB) ...`);
    const jar = (await byMaven(draft)) ?? (await byNpm(draft));
    if (jar === undefined) {
      throw new Error(
        `Expected Maven or npx to bring org.openapitools:openapi-generator-cli:${VERSION}, but neither did; give the path of the jar in OPENAPI_GENERATOR_JAR.`,
      );
    }
    await check(jar);
    renameSync(jar, cached);
    return cached;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function byMaven(draft) {
  const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${VERSION}`;
  const args = ['-q', '-B', `${MAVEN_PLUGIN}:copy`, artifact, `-DoutputDirectory=${draft}`];
  return (await succeeds('mvn', args, draft))
    ? existing(join(draft, `openapi-generator-cli-${VERSION}.jar`))
    : undefined;
}

async function byNpm(draft) {
  const settings = { 'generator-cli': { version: VERSION, storageDir: draft } };
  writeFileSync(join(draft, 'openapitools.json'), JSON.stringify(settings));
  // Its exit code tells nothing: it also asks for a list of all versions, which it can do without.
  await succeeds('npx', ['--yes', NPM_PACKAGE, 'version-manager', 'set', VERSION], draft);
  return existing(join(draft, `${VERSION}.jar`));
}

function existing(path) {
  return existsSync(path) ? path : undefined;
}

async function succeeds(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: 'ignore' });
  // Rejects when there is no such program.
  return once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
}

async function check(jar) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(jar), hash);
  const found = hash.digest('hex');
  if (found !== SHA256) throw new Error(`Expected ${jar} to have the SHA-256 ${SHA256}, got ${found}.`);
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
