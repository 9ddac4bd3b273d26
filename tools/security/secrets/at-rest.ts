import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { connect } from 'amqplib';
import type { GetMessage } from 'amqplib';
import { Redis } from 'ioredis';
import { mongo } from 'mongoose';
import { MESSAGE_TYPES } from '#core';
import { queuesOf, topologyOf } from '../../../libs/adapters/bus/rabbitmq/topology.js';
import type { Search } from './search.js';

type Servers = Readonly<Record<string, string>>;

/** All that lies on the servers of an installation, with its names, as it lies there. */
export async function searchAtRest(servers: Servers, search: Search): Promise<void> {
  await searchMongo(servers, search);
  await searchRedis(servers, search);
  await searchBucket(servers, search);
  await searchQueues(servers, search);
}

/** Every document as raw BSON, in which texts and bytes stand as they are. */
async function searchMongo({ MONGODB_URI = '' }: Servers, search: Search): Promise<void> {
  const client = await new mongo.MongoClient(MONGODB_URI).connect();
  try {
    const database = client.db();
    for (const { name } of await database.listCollections().toArray()) {
      const documents = (await database.collection(name).find({}, { raw: true }).toArray()) as unknown as Buffer[];
      search.in(`the collection ${name}`, Buffer.concat([Buffer.from(name), ...documents]));
    }
  } finally {
    await client.close();
  }
}

/** Every key, of whichever kind. */
async function searchRedis({ REDIS_URL = '' }: Servers, search: Search): Promise<void> {
  const redis = new Redis(REDIS_URL);
  const newline = Buffer.from('\n');
  const all: Buffer[] = [];
  try {
    for await (const keys of redis.scanBufferStream({ match: 'callboard:*' }) as AsyncIterable<Buffer[]>) {
      for (const key of keys) all.push(key, newline, ...(await valuesOf(redis, key)), newline);
    }
  } finally {
    redis.disconnect();
  }
  search.in('Redis', Buffer.concat(all));
  if (all.length === 0) search.fail('Expected keys in Redis, got none,');
}

async function valuesOf(redis: Redis, key: Buffer): Promise<Buffer[]> {
  const commands: Readonly<Record<string, readonly (string | number)[]>> = {
    ...{ string: ['GET'], hash: ['HGETALL'], set: ['SMEMBERS'] },
    ...{ zset: ['ZRANGE', 0, -1], list: ['LRANGE', 0, -1], stream: ['XRANGE', '-', '+'] },
  };
  const type = await redis.type(key);
  const [command, ...rest] = commands[type] ?? ['DUMP'];
  return flat(await redis.callBuffer(String(command), key, ...rest));
}

function flat(answer: unknown): Buffer[] {
  if (Array.isArray(answer)) return answer.flatMap(flat);
  return Buffer.isBuffer(answer) ? [answer, Buffer.from(' ')] : [];
}

/** Every object, its name and what the store knows of it. */
async function searchBucket(servers: Servers, search: Search): Promise<void> {
  const { S3_ENDPOINT = '', S3_ACCESS_KEY = '', S3_SECRET_KEY = '', S3_BUCKET: Bucket = '' } = servers;
  const credentials = { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY };
  const s3 = new S3Client({ endpoint: S3_ENDPOINT, region: 'us-east-1', forcePathStyle: true, credentials });
  let count = 0;
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    for (const { Key = '' } of page.Contents ?? []) {
      const { Body, Metadata, ContentType, ContentDisposition } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const about = Buffer.from(JSON.stringify([Key, Metadata, ContentType, ContentDisposition]));
      search.in(`the object ${Key}`, Buffer.concat([about, (await Body?.transformToByteArray()) ?? about]));
      count += 1;
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  s3.destroy();
  if (count === 0) search.fail('Expected objects in the bucket, got none,');
}

/** What lies in queues; it is given back. @returns how much that is */
export async function searchQueues({ RABBITMQ_URL = '', RABBITMQ_PREFIX }: Servers, search: Search): Promise<number> {
  const model = await connect(RABBITMQ_URL);
  const channel = await model.createChannel();
  const topology = topologyOf(RABBITMQ_PREFIX);
  const names = [
    ...MESSAGE_TYPES.flatMap((type) => queuesOf(topology, type)),
    ...[topology.dead, ...topology.retries.map(({ name }) => name)],
  ];
  let count = 0;
  for (const name of names) {
    const messages: GetMessage[] = [];
    for (let next = await channel.get(name); next !== false; next = await channel.get(name)) messages.push(next);
    for (const message of messages) {
      search.in(
        `a message in ${name}`,
        Buffer.concat([message.content, Buffer.from(JSON.stringify(message.properties))]),
      );
    }
    channel.nackAll();
    count += messages.length;
  }
  await model.close();
  return count;
}
