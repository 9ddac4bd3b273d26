// Counts the commands that drivers send to a MongoDB: a proxy that reads the head of each message on its way.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';

const HEADER_BYTES = 16;
const OP_MSG = 2013;
/** What the driver asks for itself. */
const OWN = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'saslStart', 'saslContinue', 'endSessions', 'buildInfo']);

/** @returns the address of the proxy, and what has been sent through it since `reset`. */
export async function countCommands(uri) {
  const target = new URL(uri);
  let counts = new Map();
  const server = createServer((incoming) => {
    const outgoing = createConnection(Number(target.port || 27017), target.hostname);
    const end = () => {
      incoming.destroy();
      outgoing.destroy();
    };
    for (const socket of [incoming, outgoing]) socket.on('error', end).on('close', end);
    const read = messageReader((command, collection) => {
      if (OWN.has(command)) return;
      const name = `${command} ${collection}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    });
    incoming.on('data', (chunk) => {
      read(chunk);
      outgoing.write(chunk);
    });
    outgoing.on('data', (chunk) => incoming.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = new URL(uri);
  address.hostname = '127.0.0.1';
  address.port = String(server.address().port);
  return {
    uri: address.href,
    reset: () => (counts = new Map()),
    commands: () => {
      const sum = { processes: 0, others: 0 };
      for (const [name, count] of counts) sum[/ processes$/.test(name) ? 'processes' : 'others'] += count;
      return { ...sum, counts };
    },
    close: () => server.close(),
  };
}

/** Tells of each command by its name and collection; what is no OP_MSG counts as its number. */
function messageReader(onCommand) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      onCommand(...commandOf(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
  };
}

/** The first element of the first section's document names the command; its value the collection, where it is a text. */
function commandOf(message) {
  const opCode = message.readInt32LE(12);
  if (opCode !== OP_MSG) return [`op ${opCode}`, ''];
  let at = HEADER_BYTES + 4;
  if (message[at] === 1) at += 1 + message.readInt32LE(at + 1);
  const element = at + 1 + 4;
  const nameEnd = message.indexOf(0, element + 1);
  const command = message.toString('utf8', element + 1, nameEnd);
  if (message[element] !== 2) return [command, ''];
  const textBytes = message.readInt32LE(nameEnd + 1);
  return [command, message.toString('utf8', nameEnd + 5, nameEnd + 5 + textBytes - 1)];
}
