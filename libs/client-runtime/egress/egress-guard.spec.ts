import { expect, test } from '@jest/globals';
import { messageOf } from '#core';
import { FakeClock } from '#testing';
import { EgressGuard } from './egress-guard.js';
import type { EgressOptions } from './egress-guard.js';
import { judgedAddresses } from './judged-addresses.js';
import { reachOf } from './networks.js';

const clock = new FakeClock();

function permitted(options: Partial<EgressOptions>, host: string, port: number, ...addresses: string[]) {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const guard = new EgressGuard({ clock, allowPrivate: false, ...options });
  return guard.permitted(host, port, found).then((list) => list.map(({ address }) => address), messageOf);
}

test.each([
  ['8.8.8.8', 'a public address'],
  ['2606:4700:4700::1111', 'a public address'],
  ['64:ff9b::808:808', 'a public address'],
  ['2002:808:808::1', 'a public address'],
  ['::ffff:10.1.2.3', 'a private address'],
  ['2001:db8::1', 'an address for documentation'],
  ['fe80::1%eth0', 'a link-local address'],
  ['64:ff9b::a9fe:a9fe', 'a metadata service of a cloud'],
  ['2001:0:808:808:0:0:5601:5601', 'a metadata service of a cloud'],
  ['::1', 'a loopback address'],
  ['::', 'an unspecified address'],
  ['::7f00:1', 'a loopback address'],
  ['fec0::1', 'a reserved address'],
])('%s is %s', (address, kind) => {
  expect(judgedAddresses(address).map((each) => reachOf(each).kind)).toContain(kind);
});

test('of several addresses those are left that may be called', async () => {
  expect(await permitted({}, 'x.example', 80, '10.0.0.1', '8.8.8.8', '::1')).toEqual(['8.8.8.8']);
});

test('a refusal names the host and the rule, not the address', async () => {
  expect(await permitted({}, 'x.example', 80, '10.0.0.1')).toBe(
    'x.example is not called: it is a private address, and EGRESS_PRIVATE and EGRESS_ALLOW allow none such',
  );
  expect(await permitted({ allowPrivate: true }, 'x.example', 80, '169.254.169.254')).toBe(
    'x.example is not called: it is a metadata service of a cloud, and those are never called',
  );
  expect(await permitted({ ports: [443] }, 'x.example', 80, '8.8.8.8')).toBe(
    'x.example is not called: port 80 is not one of EGRESS_PORTS',
  );
  expect(await permitted({}, 'x.example', 80)).toBe('x.example is not called: it has no address');
});

test('an own server is known by its addresses, which are looked up anew', async () => {
  let addresses = ['10.0.0.1'];
  const lookup = () => Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
  const guard = new EgressGuard({ clock, allowPrivate: true, servers: [{ host: 'db', port: 27017 }], lookup });
  const call = (address: string, port: number) =>
    guard.permitted(address, port, [{ address, family: 4 }]).then(() => 'called', messageOf);
  const refusal = (address: string) => `${address} is not called: it is one of Callboard's own servers`;
  expect(await call('10.0.0.1', 27017)).toBe(refusal('10.0.0.1'));
  expect(await call('10.0.0.1', 80)).toBe('called');
  addresses = ['10.0.0.2'];
  expect(await call('10.0.0.2', 27017)).toBe('called');
  await clock.advance(30_000);
  expect(await call('10.0.0.2', 27017)).toBe(refusal('10.0.0.2'));
});

test('while an own server cannot be found, nothing of its port is called', async () => {
  const lookup = () => Promise.reject(Object.assign(new Error('away'), { code: 'EAI_AGAIN' }));
  const options = { allowPrivate: true, servers: [{ host: 'db', port: 27017 }], lookup };
  expect(await permitted(options, '10.0.0.1', 27017, '10.0.0.1')).toBe('away');
  expect(await permitted(options, '10.0.0.1', 27018, '10.0.0.1')).toEqual(['10.0.0.1']);
});
