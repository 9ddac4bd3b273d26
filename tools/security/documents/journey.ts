import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fromBufferPromise } from 'yauzl';
import type { CallboardClient, StatusBody } from '../../../test/e2e/callboard-client.js';
import type { HostileDocument } from './collection.js';
import { faultsOf, type Files } from './judge.js';

interface Operation {
  readonly method: string;
  readonly path: string;
}

export interface Outcome {
  readonly faults: readonly string[];
  /** The client that was made of it; null when the document was refused. */
  readonly files: Files | null;
}

/** A sentence, and not one of those that say that a reader broke. */
const SENTENCE = /^[^\n]{8,600}[.)]$/;
const BROKE =
  /got one for which that fails|on which it ended with|cannot be read back|Internal|not a function|undefined/;
/** Long enough for every bound: a call that takes longer hangs. */
const PRESS = 'a'.repeat(30_000) + '!';
const CALLED = 2;
const DEADLINE_MS = 150_000;

/** One document's whole way: registered, generated, reviewed, downloaded, called. */
export class Journey {
  constructor(
    private readonly callboard: CallboardClient,
    private readonly plain: () => Files,
  ) {}

  async make({ bytes, hasClient = false }: HostileDocument, service: string): Promise<Outcome> {
    const spec = bytes.toString('base64');
    const registered = await this.callboard.post('/v1/api/spec', { name: service, headers: {}, spec });
    if (registered.status >= 500) return fault(`registering it was answered ${registered.status}: ${registered.text}`);
    if (registered.status !== 200) {
      return hasClient ? fault(`it was refused: ${registered.text}`) : { faults: [], files: null };
    }
    const { trace_id: traceId } = registered.body as { trace_id: string };
    const { status, error = '' } = await this.ended(`/v1/api/spec/${traceId}/status`);
    if (status !== 'SUCCESS') {
      const isFair = SENTENCE.test(error) && !BROKE.test(error);
      return { faults: isFair && !hasClient ? [] : [`it ended with: ${error}`], files: null };
    }
    const files = await this.clientOf(traceId);
    return { files, faults: [...faultsOf(files, this.plain()), ...(await this.call(traceId, service))] };
  }

  /** The files of a Spec's client. */
  async clientOf(traceId: string): Promise<Files> {
    const answer = await this.callboard.download(`/v1/api/spec/${traceId}/client`);
    if (answer.status !== 200) throw new Error(`The client was answered with ${answer.status}.`);
    const zip = await fromBufferPromise(answer.body as Buffer, { lazyEntries: true });
    const files: Record<string, string> = {};
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      const name = entry.fileName.split('/').slice(1).join('/');
      files[name] = await text(await zip.openReadStreamPromise(entry));
    }
    return files;
  }

  /** Documents take turns, and each may take all the time that one has. */
  private async ended(path: string): Promise<StatusBody> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const body = (await this.callboard.get(path)).body as StatusBody;
      if (body.status === 'SUCCESS' || body.status === 'ERROR') return body;
      if (performance.now() > deadline) throw new Error(`it has not ended: ${JSON.stringify(body)}`);
      await pause(20);
    }
  }

  /** Calls some operations with what is hard to judge. Whatever comes of it, it ends. */
  private async call(traceId: string, service: string): Promise<string[]> {
    const listed = await this.callboard.get(`/v1/api/spec/${traceId}/operations?limit=${CALLED}`);
    if (listed.status >= 500) return [`its operations were answered ${listed.status}`];
    const { operations = [] } = listed.body as { operations?: Operation[] };
    const faults: string[] = [];
    for (const { method, path } of operations.slice(0, CALLED)) {
      const fields = {
        query_params: { q: PRESS },
        ...(method === 'POST' ? { req_body: { q: PRESS, [PRESS]: 1 } } : {}),
      };
      for (const prefer of ['handling=strict', 'handling=lenient']) {
        const call = { service, method, endpoint: path, ...fields };
        const answer = await this.callboard.post('/v1/api/scheduler/process', call).set('Prefer', prefer);
        if (answer.status >= 500) faults.push(`${method} ${path} was answered ${answer.status}: ${answer.text}`);
        if (answer.status !== 200) continue;
        const { trace_id: processId } = answer.body as { trace_id: string };
        await this.ended(`/v1/api/scheduler/process/${processId}/status`);
      }
    }
    return faults;
  }
}

function fault(sentence: string): Outcome {
  return { faults: [sentence], files: null };
}
