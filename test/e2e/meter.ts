import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as the service got it. */
interface Call {
  /** Its query parameter `n`. */
  readonly n: string;
  /** In milliseconds, by a clock that never jumps. */
  readonly at: number;
  /** What it was answered with. */
  readonly status: number;
}

/** A service that notes when it is called, and by how many at once. */
export interface Meter {
  readonly address: string;
  readonly calls: readonly Call[];
  /** The most calls that were under way at once. */
  readonly most: number;
  /** What it answers. */
  status: number;
  delayMs: number;
  reset(): void;
  stop(): Promise<void>;
}

export async function startMeter(): Promise<Meter> {
  let calls: Call[] = [];
  let underWay = 0;
  let most = 0;
  const server = createServer((request, response) => {
    const n = new URL(request.url ?? '/', 'http://localhost').searchParams.get('n') ?? '';
    const { status } = meter;
    calls.push({ n, at: performance.now(), status });
    underWay += 1;
    most = Math.max(most, underWay);
    setTimeout(() => {
      underWay -= 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    }, meter.delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const meter: Meter = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    get most() {
      return most;
    },
    status: 200,
    delayMs: 0,
    reset() {
      calls = [];
      most = underWay;
      Object.assign(meter, { status: 200, delayMs: 0 });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return meter;
}
