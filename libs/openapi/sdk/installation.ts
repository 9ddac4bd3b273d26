import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NotInstalled } from '#core';
import { fileMark, GENERATOR_VERSION, isTheJar, JAR_SHA256, jarPath, type JarPlaces } from './jar.js';
import { askJava, findJava, type Java, type JavaPlaces } from './java.js';

/** The oldest Java that runs OpenAPI Generator. */
const OLDEST_JAVA = 11;
const LIST_DEADLINE_MS = 60_000;

/** A Java and a jar that were found and checked, and what they can make. */
export interface Installed {
  readonly java: Java;
  readonly jar: string;
  /** The names of its generators, e.g. `go` and `typescript-fetch`, in the order of the alphabet. */
  readonly generators: readonly string[];
}

/**
 * OpenAPI Generator on this machine. Nothing is fetched. It is looked for at the first question; what was found counts
 * until a file changes, and what was missing is looked for again at each question.
 */
export class SdkInstallation {
  private found: { readonly marks: string; readonly installed: Installed } | null = null;
  private looking: Promise<Installed> | null = null;

  constructor(private readonly places: JavaPlaces & JarPlaces) {}

  /** @throws NotInstalled in one sentence that says what to install or set. */
  async find(): Promise<Installed> {
    this.looking ??= this.look().finally(() => (this.looking = null));
    return this.looking;
  }

  private async look(): Promise<Installed> {
    const jar = jarPath(this.places);
    const [program, jarMark] = await Promise.all([findJava(this.places), fileMark(jar)]);
    if (program === null || jarMark === null) throw missing(program === null, jarMark === null);
    const marks = [program, await fileMark(program), jarMark].join(' ');
    if (this.found?.marks === marks) return this.found.installed;
    const java = await usableJava(program);
    if (!(await isTheJar(jar))) throw wrongJar();
    const installed = { java, jar, generators: await generatorsOf(java, jar) };
    this.found = { marks, installed };
    return installed;
  }
}

async function usableJava(program: string): Promise<Java> {
  const java = await askJava(program);
  if (java !== null && java.major !== null && java.major >= OLDEST_JAVA) return java;
  const got = java === null ? 'one that cannot be started' : `version ${java.major ?? 'unknown'}`;
  throw new NotInstalled(
    'JAVA_UNUSABLE',
    `Making SDKs needs Java ${OLDEST_JAVA} or newer (\`java\` on the PATH, or JAVA_HOME), got ${got}.`,
  );
}

async function generatorsOf(java: Java, jar: string): Promise<string[]> {
  const options = { env: {}, timeout: LIST_DEADLINE_MS, maxBuffer: 1024 * 1024 };
  const arguments_ = ['-XX:TieredStopAtLevel=1', '-jar', jar, 'list', '-s'];
  try {
    const { stdout } = await promisify(execFile)(java.program, arguments_, options);
    return stdout.trim().split(',').sort();
  } catch (cause) {
    throw new NotInstalled('GENERATOR_UNUSABLE', 'Making SDKs needs OpenAPI Generator, but it does not start here.', {
      cause,
    });
  }
}

function missing(isJavaMissing: boolean, isJarMissing: boolean): NotInstalled {
  const parts = [
    ...(isJavaMissing ? [`Java ${OLDEST_JAVA} or newer (\`java\` on the PATH, or JAVA_HOME)`] : []),
    ...(isJarMissing
      ? [
          `the jar of OpenAPI Generator ${GENERATOR_VERSION} (run \`node tools/openapi-generator.mjs help\` once, or set OPENAPI_GENERATOR_JAR)`,
        ]
      : []),
  ];
  return new NotInstalled(
    'SDK_TOOLS_MISSING',
    `Making SDKs needs ${parts.join(' and ')}: install it where the API and the workers run.`,
  );
}

function wrongJar(): NotInstalled {
  return new NotInstalled(
    'JAR_UNKNOWN',
    `Making SDKs needs the jar of OpenAPI Generator ${GENERATOR_VERSION} with the SHA-256 ${JAR_SHA256}, but the file in its place is another.`,
  );
}
