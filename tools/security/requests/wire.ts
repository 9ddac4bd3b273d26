import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Longer than every time-out of the server under attack together. */
const DEADLINE_MS = 20_000;

/** Sends bytes and gives all answers until the server closes; null: it did not in time, which is a hang. */
export async function send(address: string, bytes: Buffer, isHead = false): Promise<Answer[] | null> {
  const { hostname, port } = new URL(address);
  const chunks: Buffer[] = [];
  const closed = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(port), hostname);
    const late = setTimeout(() => {
      resolve(false);
      socket.destroy();
    }, DEADLINE_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    // Cut off while it still sends: whatever has come until then counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      resolve(true);
    });
    socket.write(bytes);
  });
  return closed ? readAnswers(Buffer.concat(chunks).toString('latin1'), isHead) : null;
}

/** All answers that stand in the text, one behind the other. What is no answer becomes one of status 0. */
export function readAnswers(text: string, isHead: boolean): Answer[] {
  const answers: Answer[] = [];
  let at = 0;
  while (at < text.length) {
    const endOfHead = text.indexOf('\r\n\r\n', at);
    const [line = '', ...lines] = text.slice(at, endOfHead < 0 ? text.length : endOfHead).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(line)?.[1] ?? 0);
    if (status === 0 || endOfHead < 0) return [...answers, { status: 0, headers: new Map(), body: text.slice(at) }];
    const headers = new Map(lines.map((each) => [nameOf(each), each.slice(each.indexOf(':') + 1).trim()]));
    const [body, end] = bodyOf(text, endOfHead + 4, status, headers, isHead);
    at = end;
    if (status >= 200) answers.push({ status, headers, body });
  }
  return answers;
}

function nameOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(':'))).toLowerCase();
}

function bodyOf(
  text: string,
  start: number,
  status: number,
  headers: ReadonlyMap<string, string>,
  isHead: boolean,
): [body: string, end: number] {
  if (isHead || status < 200 || status === 204 || status === 304) return ['', start];
  const length = headers.get('content-length');
  if (length !== undefined) return [text.slice(start, start + Number(length)), start + Number(length)];
  if (headers.get('transfer-encoding') !== 'chunked') return [text.slice(start), text.length];
  let body = '';
  let at = start;
  for (;;) {
    const endOfSize = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, endOfSize), 16);
    if (endOfSize < 0 || Number.isNaN(size)) return [body, text.length];
    body += text.slice(endOfSize + 2, endOfSize + 2 + size);
    at = endOfSize + 2 + size + 2;
    if (size === 0) return [body, at];
  }
}
