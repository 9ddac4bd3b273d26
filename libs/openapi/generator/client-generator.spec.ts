import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Permanent, Unavailable } from '#core';
import { DocumentRefused } from '../refused.js';
import { ClientGenerator } from './client-generator.js';

const DOCUMENT = Buffer.from(
  JSON.stringify({ openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/a': { get: { responses: {} } } } }),
);
/** Each operation has this many answers of its own: the types of it take seconds. */
const SLOW = Buffer.from(
  JSON.stringify({
    openapi: '3.0.3',
    paths: Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [
        `/p${index}`,
        {
          get: {
            operationId: `o${index}`,
            responses: Object.fromEntries(
              Array.from({ length: 20 }, (_, code) => [
                String(200 + code),
                { description: 'x', content: { 'application/json': { schema: { properties: { a: {}, b: {} } } } } },
              ]),
            ),
          },
        },
      ]),
    ),
  }),
);

/** The processes that are children of this one and run the generator. */
function children(): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes('generator/child'))
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === process.pid)
    .map(([pid]) => pid ?? 0);
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('Waited 10 s in vain.');
}

/** A document that is refused at once shows that work goes on, without the half second that types take to load. */
async function goesOn(generator: ClientGenerator): Promise<void> {
  await expect(generator.generate(Buffer.from('{}'))).rejects.toBeInstanceOf(Permanent);
}

describe('ClientGenerator', () => {
  const generator = new ClientGenerator();
  afterAll(async () => {
    await generator.close();
    await until(() => children().length === 0);
  });

  it('tells the YAML first and then gives out the client', async () => {
    const told: string[] = [];
    const generated = await generator.generate(DOCUMENT, { onYaml: async (yaml) => void told.push(yaml.toString()) });
    expect(told).toEqual([generated.yaml]);
    expect(generated.yaml).toContain('openapi: 3.0.3\n');
    expect(generated.table.operations).toMatchObject([{ method: 'GET', path: '/a' }]);
    expect(generated.summary.endpoints).toEqual({ 'GET /a': [] });
    expect(generated.types).toContain('export interface paths');
    expect(generated.warnings).toEqual([]);
  });

  it('works on the next document in the same process', async () => {
    const [before] = children();
    await generator.generate(DOCUMENT);
    expect(children()).toEqual([before]);
  });

  it('gives a refused document its sentence, and goes on', async () => {
    const refused = generator.generate(Buffer.from('{"foo": 1}'));
    await expect(refused).rejects.toBeInstanceOf(Permanent);
    await expect(refused).rejects.toThrow(
      'Expected an OpenAPI document with a field `openapi` or `swagger` at /, got an object with `foo`.',
    );
    await goesOn(generator);
  });

  it('tells with a refusal what was repaired before', async () => {
    const document = Buffer.from('{"a": 1, "openapi": {"x": 1,},}');
    const refusal = await generator.generate(document).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DocumentRefused);
    expect(refusal).toMatchObject({
      warnings: [
        { code: 'syntax', line: 1 },
        { code: 'syntax', line: 1 },
      ],
    });
  });

  it('waits for what is told of the YAML, and fails with it', async () => {
    const refusal = new Unavailable('X', 'Nobody wants it any more.');
    await expect(generator.generate(DOCUMENT, { onYaml: () => Promise.reject(refusal) })).rejects.toBe(refusal);
    await goesOn(generator);
  });

  it('has one document at a time in one slot', async () => {
    let inside = 0;
    const onYaml = async (): Promise<void> => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => generator.generate(DOCUMENT, { onYaml })));
    expect(children()).toHaveLength(1);
  });

  it('stops at once when told to, also in the queue, and goes on', async () => {
    const abort = new AbortController();
    const running = generator.generate(SLOW, { signal: abort.signal, onYaml: async () => abort.abort() });
    const waiting = generator.generate(DOCUMENT, { signal: abort.signal });
    const patient = goesOn(generator);
    await expect(running).rejects.toBeInstanceOf(Unavailable);
    await expect(waiting).rejects.toBeInstanceOf(Unavailable);
    await patient;
  });

  it('takes a killed process for no reason to fail the next document', async () => {
    await goesOn(generator);
    process.kill(children()[0]!, 'SIGKILL');
    await until(() => children().length === 0);
    await goesOn(generator);
  });
});

describe('ClientGenerator with little of everything', () => {
  it('ends a document that takes too long', async () => {
    const generator = new ClientGenerator({ timeoutMs: 50 });
    await expect(generator.generate(SLOW)).rejects.toThrow(
      'Expected a document that takes at most 0.05 s to turn into a client, got one that takes longer.',
    );
    await until(() => children().length === 0);
  });

  it('ends a document that needs too much memory', async () => {
    const generator = new ClientGenerator({ heapMb: 40 });
    const hungry = Buffer.from(`{"openapi": "3.0.3", "paths": {}, "x-a": [${'{},'.repeat(2_000_000)}{}]}`);
    await expect(generator.generate(hungry)).rejects.toThrow(
      'Expected a document that needs at most 40 MB of memory, got one that needs more.',
    );
    await generator.close();
  });

  it('ends a process that has been idle', async () => {
    const generator = new ClientGenerator({ idleMs: 1 });
    await goesOn(generator);
    await until(() => children().length === 0);
    await goesOn(generator);
    await generator.close();
  });

  it('refuses work once it is closed', async () => {
    const generator = new ClientGenerator();
    const running = generator.generate(DOCUMENT);
    const waiting = generator.generate(DOCUMENT);
    await generator.close();
    await expect(running).rejects.toBeInstanceOf(Unavailable);
    await expect(waiting).rejects.toBeInstanceOf(Unavailable);
    await expect(generator.generate(DOCUMENT)).rejects.toBeInstanceOf(Unavailable);
    await until(() => children().length === 0);
  });
});
