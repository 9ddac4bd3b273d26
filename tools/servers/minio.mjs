import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './host.mjs';
import { launch, run, serves } from './processes.mjs';

const version = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const bin = join(cacheDir, 'bin', `minio-${version}`);
const credentials = { user: 'callboard', password: 'callboard-test' };

/** MinIO: the S3 protocol over a folder. */
export const minio = {
  name: 'minio',
  packages: [],
  tools: { go: 'https://go.dev' },
  ports: { s3: 9190 },
  installed: () => existsSync(join(bin, 'minio')),
  async install() {
    await run('go', ['install', `github.com/minio/minio@${version}`], { env: { GOBIN: bin } });
  },
  async start({ ports, folder, log }) {
    const running = await launch({
      name: 'minio',
      command: join(bin, 'minio'),
      args: ['server', '--quiet', '--address', `127.0.0.1:${String(ports.s3)}`, join(folder, 'data')],
      env: {
        MINIO_ROOT_USER: credentials.user,
        MINIO_ROOT_PASSWORD: credentials.password,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
      cwd: folder,
      log,
    });
    return [running];
  },
  ready: ({ ports }) => serves(`http://127.0.0.1:${String(ports.s3)}/minio/health/ready`),
  environment: ({ ports }) => ({
    S3_ENDPOINT: `http://127.0.0.1:${String(ports.s3)}`,
    S3_ACCESS_KEY: credentials.user,
    S3_SECRET_KEY: credentials.password,
  }),
};
