/**
 * Imports clients, folder by folder, makes each a client, and says of each whether anything of its document ran or changed
 * what all objects share. Runs alone, without an environment, with nothing but these folders to read.
 */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const shared = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Object];
const look = () => JSON.stringify([shared.map((each) => Reflect.ownKeys(each).map(String)), Object.keys(globalThis)]);
const before = look();

for (const folder of process.argv.slice(2)) {
  try {
    const { createClient } = await import(pathToFileURL(join(folder, 'client.js')).href);
    await createClient().close();
  } catch (error) {
    console.log(JSON.stringify({ folder, fault: `it cannot be imported: ${error.message}` }));
  }
  if (look() !== before) console.log(JSON.stringify({ folder, fault: 'importing it changed what all code shares' }));
}
console.log(JSON.stringify({ done: process.argv.length - 2 }));
