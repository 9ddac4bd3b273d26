import { messageOf } from '#core';
import { PrivateServers } from '../../../test/setup/private-servers.js';
import type { SuiteReport, Tell } from '../suite.js';
import { searchDistributed } from './distributed.js';

const NAMED = ['MONGODB_URI', 'RABBITMQ_URL', 'REDIS_URL', 'S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'];

/** On the servers that the environment names, else on ones of its own; left out where they are not installed. */
export async function run(tell: Tell): Promise<SuiteReport> {
  const given = Object.fromEntries(NAMED.map((name) => [name, process.env[name] ?? '']));
  if (!Object.values(given).includes('')) return searchDistributed(given, tell);
  let own: PrivateServers;
  try {
    own = await PrivateServers.start('rabbitmq', 'redis', 'mongodb', 'minio');
  } catch (error) {
    const leftOut = /\S+ is not installed: .*/.exec(messageOf(error))?.[0];
    if (leftOut === undefined) throw error;
    return { name: 'secrets-distributed', tried: 0, through: 0, failures: [], leftOut };
  }
  try {
    return await searchDistributed(own.env, tell);
  } finally {
    await own.erase();
  }
}
