import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRing } from '#encryption';
import { startOtlpReceiver } from '../../../libs/testing/otlp-receiver.js';
import type { OtlpReceiver } from '../../../libs/testing/otlp-receiver.js';
import { CERTIFICATE } from '../../../libs/client-runtime/http/http2.test-kit.js';
import { hashPassword } from '../../../apps/api/auth/password.js';
import type { Deployment } from '../../../test/e2e/deployment.js';
import { Asking } from './asking.js';
import { Marks } from './marks.js';
import type { Scene } from './scene.js';
import { startLeakyService } from './service.js';
import type { LeakyService } from './service.js';

const OTHER = 'anna';
const LARGEST_ANSWER = 300_000;

/** How a log is written, and what readers see. */
export interface Mode {
  readonly GLOGS_LOG_TYPE: 'text' | 'json';
  readonly GLOGS_LEVEL: 'trace' | 'error';
  readonly HEADERS_IN_RESPONSES: 'plain' | 'masked';
}

/** What stands around an installation: its service, its collector of traces, and a configuration full of secrets. */
export class Setting {
  private constructor(
    readonly marks: Marks,
    readonly service: LeakyService,
    readonly collector: OtlpReceiver,
    readonly env: Readonly<Record<string, string>>,
    private readonly folder: string,
    private readonly mode: Mode,
    private readonly password: string,
  ) {}

  static async make(mode: Mode): Promise<Setting> {
    const marks = new Marks();
    const plant = (place: string) => marks.plant(place, 'configuration');
    const service = await startLeakyService(marks);
    const collector = await startOtlpReceiver();
    const folder = await mkdtemp(join(tmpdir(), 'callboard-secrets-'));
    const [ca, users, password] = [join(folder, 'ca.pem'), join(folder, 'users'), plant("a user's password")];
    const hash = await hashPassword(password, { ln: 14, r: 8, p: 1 });
    await writeFile(ca, CERTIFICATE);
    await writeFile(users, `${OTHER}:${marks.watch('the hash of a password', 'configuration', hash)}:reader`);
    // It takes long, so once is enough.
    const jar = mode.GLOGS_LOG_TYPE === 'text' ? process.env.OPENAPI_GENERATOR_JAR : undefined;
    const env = {
      ...mode,
      ...(jar !== undefined && { OPENAPI_GENERATOR_JAR: jar }),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: `x-token=${plant('a header for the collector of traces')}`,
      API_SCHEDULER_AUTH_PASSWORD: plant('the password of the API'),
      METRICS_TOKEN: plant('the token of metrics'),
      CALLBOARD_ENCRYPTION_KEY: marks.watch('the encryption key', 'configuration', KeyRing.newKey()),
      API_USERS_FILE: users,
      HTTP_PROXY: `http://user:${plant('the password of a proxy')}@${service.proxy}`,
      NO_PROXY: '127.0.0.1',
      EXTRA_CA: ca,
      RESPONSE_MAX_BYTES: String(LARGEST_ANSWER),
      RETRY_ATTEMPTS: '2',
      RETRY_FIRST_PAUSE_MS: '0',
      BREAKER_FAILURES: '0',
      LOGIN_FAILURES: '1000',
    };
    return new Setting(marks, service, collector, env, folder, mode, password);
  }

  /** How the mode is told of. */
  get how(): string {
    const { GLOGS_LOG_TYPE, GLOGS_LEVEL, HEADERS_IN_RESPONSES } = this.mode;
    return `with a log of ${GLOGS_LOG_TYPE} from ${GLOGS_LEVEL} and ${HEADERS_IN_RESPONSES} headers`;
  }

  async scene(deployment: Deployment): Promise<Scene> {
    return {
      ...{ deployment, service: this.service, marks: this.marks, asking: await Asking.of(deployment) },
      metricsToken: this.env.METRICS_TOKEN ?? '',
      other: { name: OTHER, password: this.password },
      hasGenerator: this.env.OPENAPI_GENERATOR_JAR !== undefined,
      headers: this.mode.HEADERS_IN_RESPONSES === 'plain' ? ['header'] : [],
    };
  }

  async end(): Promise<void> {
    await Promise.all([this.service.stop(), this.collector.close(), rm(this.folder, { recursive: true })]);
  }
}
