import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheDir, digestOf, findProgram } from './host.mjs';
import { answers, launch, run } from './processes.mjs';

const source = join(import.meta.dirname, '..', 'mongodb-java');
const folder = join(cacheDir, `mongodb-java-${digestOf(join(source, 'pom.xml'), join(source, 'Server.java'))}`);
/** Tells more than `-q` of what goes wrong, and is the version that is tried. */
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/**
 * A second server of the MongoDB protocol, that nobody of the first one wrote (mongo-java-server, see tools/mongodb-java):
 * what both do alike is no quirk of one. It is fast, which the first is not, and forgets everything when it ends.
 */
export const mongodbJava = {
  name: 'mongodb-java',
  get packages() {
    return [...(findProgram('javac') ? [] : ['default-jdk-headless']), ...(findProgram('mvn') ? [] : ['maven'])];
  },
  tools: {},
  ports: { mongodb: 27317 },
  installed: () => existsSync(folder) && findProgram('java') !== undefined,
  async install() {
    const draft = mkdtempSync(join(cacheDir, 'mongodb-java-'));
    try {
      const jars = `-DoutputDirectory=${draft}`;
      await run('mvn', ['-q', '-B', '-f', source, `${MAVEN_PLUGIN}:copy-dependencies`, jars]);
      await run('javac', ['-cp', join(draft, '*'), '-d', draft, join(source, 'Server.java')]);
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  },
  async start({ ports, folder: cwd, log }) {
    const classes = [folder, join(folder, '*')].join(delimiter);
    const args = ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classes, 'Server'];
    const command = findProgram('java');
    return [await launch({ name: 'mongodb-java', command, args: [...args, String(ports.mongodb)], cwd, log })];
  },
  ready: ({ ports }) => answers(ports.mongodb),
  environment: ({ ports }) => ({ MONGODB_SECOND_URI: `mongodb://127.0.0.1:${String(ports.mongodb)}/callboard` }),
};
