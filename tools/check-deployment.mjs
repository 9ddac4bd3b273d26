/**
 * npm run check:deployment: whether the images and docker-compose.yaml hold, on a machine without Docker. The files are
 * read by Docker's own libraries (built with Go), the Dockerfile's steps run in a clean folder on the base image's version
 * of Node.js, and each image's command is started as its user with what compose gives it, but for the backends.
 */
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePath, provideNode, stepEnvironment } from './deployment/base.mjs';
import { checkCompose } from './deployment/compose.mjs';
import { ImageBuilder } from './deployment/image.mjs';
import { buildReader, readContext, readDockerfile } from './deployment/reader.mjs';
import { canSeal, seal, start } from './deployment/start.mjs';
import { freePort } from './servers/host.mjs';

const SECRETS = /^(data|generated-clients)\/|(^|\/)(\.env.*|.*\.pem|.*\.key|\.git|node_modules)(\/|$)/;
const begun = performance.now();
let faults = 0;

function expect(holds, claim) {
  if (!holds) faults += 1;
  console.log(`${holds ? 'ok' : 'NOT OK'}: ${claim}`);
}

const folder = mkdtempSync(join(tmpdir(), 'callboard-deployment-'));
try {
  // The images' user must get through to what lies in it.
  chmodSync(folder, 0o755);
  await buildReader();
  const dockerfile = readDockerfile();
  expect(
    dockerfile.warnings.length === 0,
    `the Dockerfile reads without warnings${dockerfile.warnings.map((each) => `: ${each}`).join('')}`,
  );
  const context = readContext();
  expect(
    !context.some((file) => SECRETS.test(file)),
    'no secret, data or packages of the working folder get into a build',
  );
  expect(/^\d+\.\d+\.\d+$/.test(dockerfile.arguments.NODE_VERSION), 'the base image is named by an exact version');
  const services = checkCompose(dockerfile, expect);

  const node = await provideNode(dockerfile.arguments.NODE_VERSION);
  const path = makePath(join(folder, 'bin'), node);
  const say = (line) => console.log(`    ${line}`);
  const builder = new ImageBuilder({ dockerfile, context, folder, path, env: stepEnvironment(), say });
  await Promise.all(['build', 'packages'].map((stage) => builder.build(stage)));
  for (const name of ['api', 'worker', 'apidoc']) {
    const image = await builder.build(name);
    expect(image.user !== 'root', `the ${name} does not run as root`);
    seal(
      image,
      (services[name].volumes ?? []).map((volume) => volume.target),
    );
    const mounted = (services[name].volumes ?? []).map((volume) => volume.target);
    await tryOut(name, image, { path, env: services[name].environment, mounted });
  }
} catch (error) {
  faults += 1;
  console.error(error.message);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${faults === 0 ? 'The deployment holds' : `${faults} faults`} (${((performance.now() - begun) / 1000).toFixed(0)} s).`,
);
process.exitCode = faults === 0 ? 0 : 1;

/** Starts an image with what compose gives it, on a port of this machine's own and with backends that are away. */
async function tryOut(name, image, { path, env, mounted }) {
  const port = String(await freePort(20_000 + Math.floor(Math.random() * 20_000)));
  const ports = { API_PORT: port, WORKER_PORT: port, APIDOC_PORT: port };
  const away = {
    MONGODB_URI: 'mongodb://127.0.0.1:1/callboard',
    RABBITMQ_HOST: '127.0.0.1',
    RABBITMQ_PORT: '1',
    REDIS_URL: 'redis://127.0.0.1:1/0',
    S3_ENDPOINT: 'http://127.0.0.1:1',
  };
  const app = start(image, { path, env: { ...env, HOST: '127.0.0.1', ...ports, ...away }, mounted });
  const healthy = await app.healthy();
  if (canSeal) {
    const rights = app.rights();
    expect(rights.isReadOnly, `the ${name} runs on a root file system that is mounted read-only`);
    expect(
      rights.uid !== '0' && rights.capabilities === '0' && rights.noNewPrivileges === '1',
      `the ${name} has no rights of root, and cannot get them`,
    );
  }
  expect(healthy, `the ${name} starts with its backends away, and its health check passes`);
  const code = await app.stop();
  expect(code === 0, `the ${name} ends in order when it is told to (${String(code)})`);
  if (!healthy || code !== 0) console.log(app.printed());

  if (name === 'apidoc') return;
  const bare = start(image, { path, env: { HOST: '127.0.0.1', ...ports } });
  expect(
    (await bare.ended()) === 1 && /MONGODB_URI/.test(bare.printed()),
    `the ${name} alone says which backends it needs`,
  );
  if (name !== 'api') return;
  const shipped = start(image, { path, env: { ...env, ...ports, ...away, API_SCHEDULER_AUTH_PASSWORD: 'admin123' } });
  const refused = (await shipped.ended()) === 1 && /API_SCHEDULER_AUTH_PASSWORD/.test(shipped.printed());
  expect(refused, 'the api refuses the shipped password on a network');
}
