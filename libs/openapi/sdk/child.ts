/**
 * The child process that makes one SDK: it reads the document, writes it as JSON without any way out, and runs Java.
 * It leads a process group of its own with Java in it, and ends all of it when its host is gone.
 */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import yaml from 'js-yaml';
import { messageOf } from '#core';
import { confine } from './confine.js';
import type { MakeAnswer, MakeRequest } from './protocol.js';

process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
process.once('message', (request: MakeRequest) => void make(request).then(tell));

async function make({ yamlFile, jsonFile, program, arguments: given }: MakeRequest): Promise<MakeAnswer> {
  try {
    const document = yaml.load(await readFile(yamlFile, 'utf8'), { json: true });
    await writeFile(jsonFile, JSON.stringify(confine(document)));
  } catch (error) {
    return { kind: 'refused', message: `Expected the normalised document to be read again, got: ${messageOf(error)}` };
  }
  return new Promise((resolve) => {
    const child = spawn(program, given, { env: {}, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', (error) => resolve({ kind: 'refused', message: `Java cannot be started: ${messageOf(error)}` }));
    child.on('close', (code, signal) => resolve({ kind: 'ended', code, signal }));
  });
}

function tell(answer: MakeAnswer): void {
  process.send?.(answer);
}
