import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** A Java that can be started. */
export interface Java {
  /** Its program file. */
  readonly program: string;
  /** 8, 11, 17 …; null when it does not say. */
  readonly major: number | null;
}

export interface JavaPlaces {
  /** JAVA_HOME: the only place to look at where it is set. */
  readonly javaHome?: string | undefined;
  /** PATH: the folders in which programs are looked for. */
  readonly path: string;
}

const DEADLINE_MS = 20_000;

/** The program file of the first Java there is; null without one. */
export async function findJava({ javaHome, path }: JavaPlaces): Promise<string | null> {
  const folders =
    javaHome === undefined ? path.split(delimiter).filter((folder) => folder !== '') : [join(javaHome, 'bin')];
  for (const folder of folders) {
    const program = join(folder, process.platform === 'win32' ? 'java.exe' : 'java');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}

/** Asks a Java what it is; null when it cannot be started. */
export async function askJava(program: string): Promise<Java | null> {
  try {
    const { stderr } = await promisify(execFile)(program, ['-version'], { env: {}, timeout: DEADLINE_MS });
    return { program, major: majorOf(stderr) };
  } catch {
    return null;
  }
}

/** `openjdk version "17.0.15" …` is 17; until Java 8 it was `"1.8.0_402"`. */
export function majorOf(told: string): number | null {
  const version = /version "(?:1\.)?(\d+)/.exec(told)?.[1];
  return version === undefined ? null : Number(version);
}
