/** One hostile request: what goes over the wire, and what must come back. */
export interface Attack {
  /** What it tries, unique among all. */
  readonly name: string;
  readonly bytes: Buffer;
  /** The only answers that are right; any below 500 unless given. */
  readonly statuses?: readonly number[];
  /** Whether more than one answer would mean that a request was smuggled in. */
  readonly isOne?: boolean;
  /** Whether the answer may have no body though it tells of one. */
  readonly isHead?: boolean;
}

/** Where attacks go, and with which right. */
export interface Target {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly api: string;
  readonly apidoc: string;
  readonly username: string;
  readonly password: string;
}

export function basic({ username, password }: Pick<Target, 'username' | 'password'>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** A request that asks for the end of its connection. Text goes out one byte a character. */
export function request(line: string, headers: readonly string[] = [], body: Buffer | string = ''): Buffer {
  const head = [line.includes('HTTP/') ? line : `${line} HTTP/1.1`, 'Host: callboard', ...headers, 'Connection: close'];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]);
}

/** The same with a body of JSON, well framed. */
export function jsonRequest(line: string, headers: readonly string[], body: Buffer | string): Buffer {
  const length = Buffer.byteLength(body);
  return request(line, [...headers, 'Content-Type: application/json', `Content-Length: ${length}`], body);
}
