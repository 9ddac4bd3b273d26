import { describe, expect, it } from '@jest/globals';
import { runConsumerConformance } from '#testing';
import { MemoryMessage } from './memory-message.js';
import { MemoryQueue } from './memory-queue.js';

runConsumerConformance('MemoryQueue', async () => {
  const queue = new MemoryQueue<MemoryMessage>('letters');
  return {
    factory: queue,
    source: 'letters',
    send: async (value, headers) => queue.push(new MemoryMessage(queue, Buffer.from(JSON.stringify(value)), headers)),
    waiting: async () => queue.size,
    dispose: async () => undefined,
  };
});

describe('a memory queue', () => {
  it('has one consumer at a time', async () => {
    const queue = new MemoryQueue<MemoryMessage>('letters');
    const consumer = await queue.create();
    await expect(queue.create()).rejects.toThrow('Expected one consumer of letters, got a second.');
    await consumer.close();
    await queue.create();
  });
});
