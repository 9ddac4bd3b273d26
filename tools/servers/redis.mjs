import { join } from 'node:path';
import { findProgram } from './host.mjs';
import { answers, launch } from './processes.mjs';

/** Redis, with every write appended to disk so that a restart finds it again. */
export const redis = {
  name: 'redis',
  packages: ['redis-server'],
  ports: { redis: 6390 },
  installed: () => findProgram('redis-server') !== undefined,
  async start({ ports, folder, log }) {
    const options = {
      port: ports.redis,
      bind: '127.0.0.1',
      dir: folder,
      appendonly: 'yes',
      save: '',
      daemonize: 'no',
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return [await launch({ name: 'redis-server', command: findProgram('redis-server'), args, cwd: join(folder), log })];
  },
  ready: ({ ports }) => answers(ports.redis, 'PING\r\n', Buffer.from('+PONG')),
  environment: ({ ports }) => ({ REDIS_URL: `redis://127.0.0.1:${String(ports.redis)}` }),
};
