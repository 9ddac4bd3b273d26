import { startStandalone } from '../../../test/e2e/deployment.js';
import type { SuiteReport, Tell } from '../suite.js';
import { basic, request } from './attack.js';
import type { Attack, Target } from './attack.js';
import { endpointAttacks } from './endpoints.js';
import { framingAttacks } from './framing.js';
import { headAttacks } from './heads.js';
import { spellingAttacks } from './spellings.js';
import { send } from './wire.js';
import type { Answer } from './wire.js';

/** Time-outs so short that a request that never ends is over soon, and room for all that is guessed. */
export const ENVIRONMENT = {
  CLIENT_HEADERS_TIMEOUT_MS: '500',
  CLIENT_REQUEST_TIMEOUT_MS: '1000',
  CLIENT_IDLE_TIMEOUT_MS: '500',
  CLIENT_STALL_TIMEOUT_MS: '2000',
  LOGIN_FAILURES: '1000',
  GLOGS_WRITE_STDOUT: 'false',
};

/** What no refusal may hold: places in our files, and what stands in those of the system. */
const LEAKS = /node_modules|\/dist\/|\.[jt]s:\d+:\d+|root:.*:0:0/;

/** Hostile requests over real sockets: each is refused or answered, and the next good request is answered rightly. */
export async function run(tell: Tell): Promise<SuiteReport> {
  const deployment = await startStandalone(ENVIRONMENT);
  try {
    return await attackDeployment(deployment, tell);
  } finally {
    await deployment.stop();
  }
}

/** @param every of so many attacks on single values one is made */
export async function attackDeployment(target: Target, tell: Tell, every = 1): Promise<SuiteReport> {
  const failures: string[] = [];
  let tried = 0;
  const attack = async (address: string, each: Attack) => {
    const fault = faultOf(each, await send(address, each.bytes, each.isHead)) ?? (await nextFault(target));
    if (fault !== null) failures.push(`${each.name}: ${fault}`);
    tell((tried += 1));
  };
  const first = await nextFault(target);
  if (first !== null) throw new Error(`Expected a server that answers, but ${first}`);
  const heads = [...framingAttacks(target), ...headAttacks(target), ...spellingAttacks()];
  const endpoints = endpointAttacks(target).filter((_, index) => index % every === 0);
  for (const each of [...heads, ...endpoints]) await attack(target.api, each);
  // The passage to the API is a server of its own, in front of another: what smuggling is made for.
  for (const each of heads) await attack(target.apidoc, { ...each, name: `by apidoc: ${each.name}` });
  return { name: 'requests', tried, through: failures.length, failures };
}

/** What is wrong about the answers to an attack; null: nothing. */
function faultOf({ statuses, isOne }: Attack, answers: readonly Answer[] | null): string | null {
  if (answers === null) return 'the connection hangs.';
  const got = answers.map(({ status }) => status).join(', ');
  if (isOne === true && answers.length > 1) return `expected one answer at most, got ${got}.`;
  for (const { status, headers, body } of answers) {
    if (status === 0) return `expected an answer of HTTP, got ${JSON.stringify(body.slice(0, 80))}.`;
    // 501 says that this installation lacks a program.
    if (status >= 500 && status !== 501) return `expected no fault of the server, got ${got}: ${body.slice(0, 200)}`;
    if (statuses && !statuses.includes(status)) return `expected one of ${statuses.join(', ')}, got ${got}.`;
    if (headers.get('x-content-type-options') !== 'nosniff')
      return `expected security headers, got none with ${status}.`;
    if (headers.has('x-a')) return 'expected no header of the request in the answer, got X-A.';
    if (status >= 400 && LEAKS.test(body)) return `expected nothing of the inside, got ${body.slice(0, 200)}`;
  }
  return null;
}

/** Whether good requests are answered as they should be, on a connection of their own; null if so. */
async function nextFault(target: Target): Promise<string | null> {
  const [ping, list] = await Promise.all([
    send(target.api, request('GET /v1/api/ping')),
    send(target.api, request('GET /v1/api/spec/0/1', [`Authorization: ${basic(target)}`])),
  ]);
  const isPong = ping?.length === 1 && ping[0]?.status === 200 && ping[0].body === '{"message":"pong"}';
  if (!isPong) return `the next ping got ${JSON.stringify(ping?.[0]?.body ?? null)}.`;
  const isListed = list?.length === 1 && list[0]?.status === 200 && list[0].body.startsWith('{"count":');
  return isListed ? null : `the next list got ${JSON.stringify(list?.[0]?.body.slice(0, 200) ?? null)}.`;
}
