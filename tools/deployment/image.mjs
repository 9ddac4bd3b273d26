// Carries out the Dockerfile's steps in folders, one for each stage, where there is no engine.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/**
 * @typedef {object} Image
 * @property {string} folder what would be the root of its file system, without what the base brings
 * @property {string} workdir inside it
 * @property {Record<string, string>} env
 * @property {string} user
 * @property {string[]} [command]
 * @property {string[]} [health] the program of the health check
 */

/** Builds stages of a Dockerfile, each once. */
export class ImageBuilder {
  built = new Map();

  /**
   * @param {object} options
   * @param {object} options.dockerfile as `readDockerfile` gives it
   * @param {string[]} options.context as `readContext` gives it
   * @param {string} options.folder where the stages go
   * @param {string} options.path the PATH of the steps
   * @param {Record<string, string>} options.env what else the steps find set
   * @param {(line: string) => void} options.say
   */
  constructor(options) {
    this.options = options;
  }

  /** @returns {Promise<Image>} */
  build(name) {
    const stage = this.options.dockerfile.stages.find((each) => each.name === name);
    if (!stage) throw new Error(`Expected a stage named ${name} in the Dockerfile, got none.`);
    if (!this.built.has(name)) this.built.set(name, this.carryOut(stage));
    return this.built.get(name);
  }

  async carryOut(stage) {
    const image = await this.begin(stage);
    for (const instruction of stage.instructions ?? []) {
      const step = STEPS[instruction.name];
      if (!step)
        throw new Error(`Expected an instruction that can be checked without an engine, got ${instruction.text}.`);
      await step.call(this, image, instruction.details, instruction.text);
    }
    return image;
  }

  async begin({ name, base }) {
    const folder = join(this.options.folder, name);
    const parent = this.options.dockerfile.stages.some((each) => each.name === base)
      ? await this.build(base)
      : undefined;
    mkdirSync(folder, { recursive: true });
    if (parent === undefined) return { folder, workdir: '/', env: {}, user: 'root' };
    take(parent.folder, folder);
    return { ...parent, folder, env: { ...parent.env } };
  }

  async run(image, command, text) {
    const begun = performance.now();
    const env = { ...this.options.env, ...image.env, PATH: this.options.path };
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: join(image.folder, image.workdir),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += String(data)));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`"${text}" ended with ${String(code)}:\n${printed.trim().slice(-2000)}`);
    this.options.say(`${text} (${((performance.now() - begun) / 1000).toFixed(1)} s)`);
  }
}

const STEPS = {
  WORKDIR(image, { Path: path }) {
    image.workdir = posix.resolve(image.workdir, path);
    mkdirSync(join(image.folder, image.workdir), { recursive: true });
  },
  ENV(image, { Env: pairs }) {
    for (const { Key: key, Value: value } of pairs) image.env[key] = value;
  },
  USER(image, { User: user }) {
    image.user = user;
  },
  EXPOSE() {},
  HEALTHCHECK(image, { Health: health }) {
    image.health = health.Test.slice(1);
  },
  CMD(image, { CmdLine: command }) {
    image.command = command;
  },
  async RUN(image, { CmdLine: [command] }, text) {
    await this.run(image, command, text);
  },
  async COPY(image, { SourcePaths: sources, DestPath: destination, From: from }, text) {
    const target = join(image.folder, posix.resolve(image.workdir, destination));
    for (const source of sources) {
      if (from) take(join((await this.build(from)).folder, source), target);
      else copyFromContext(this.options.context, source, target, destination, text);
    }
  },
};

function copyFromContext(context, source, target, destination, text) {
  const path = source.replace(/\/$/, '');
  if (context.includes(path)) {
    copy(join(root, path), landing(target, destination, path));
    return;
  }
  const files = context.filter((file) => file.startsWith(`${path}/`));
  if (files.length === 0) throw new Error(`"${text}": .dockerignore lets nothing named ${source} through.`);
  for (const file of files) copy(join(root, file), join(target, file.slice(path.length + 1)));
}

/** Where a file goes: into the destination, where that is a folder. */
function landing(target, destination, source) {
  return destination === '.' || destination.endsWith('/') ? join(target, basename(source)) : target;
}

/** From the working folder: a copy, since a step may change it. */
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { preserveTimestamps: true });
}

/** From one stage to another: links to the same files where the system's cp can make them, for speed. */
function take(from, to) {
  const isFolder = statSync(from).isDirectory();
  mkdirSync(isFolder ? to : dirname(to), { recursive: true });
  const how = process.platform === 'linux' ? ['--archive', '--link'] : ['-R', '-p'];
  execFileSync('cp', [...how, isFolder ? `${from}/.` : from, to]);
}
