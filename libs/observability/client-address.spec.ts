import { describe, expect, test } from '@jest/globals';
import { clientAddressOf } from './index.js';

describe('the address of a caller', () => {
  test.each([
    [[], '10.0.0.1', '1.2.3.4', '10.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', '1.2.3.4', '1.2.3.4'],
    [['10.0.0.0/8'], '::ffff:10.0.0.1', ' 1.2.3.4 ', '1.2.3.4'],
    [['10.0.0.0/8'], '11.0.0.1', '1.2.3.4', '11.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', undefined, '10.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', 'nonsense\n', '10.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', ['1.2.3.4', '5.6.7.8'], '10.0.0.1'],
    [['::1', 'fd00::/8'], '::1', '2001:db8::1', '2001:db8::1'],
    [['::1'], undefined, '1.2.3.4', ''],
  ])('trusting %j, peer %s that says %j by X-Real-IP is %s', (trustedProxies, peer, claimed, want) => {
    const headers = { 'x-real-ip': claimed as string, 'x-forwarded-for': '9.9.9.9' };
    expect(clientAddressOf({ trustedProxies, forwardedFor: 'x-real-ip' })(peer, headers)).toBe(want);
  });

  test.each([
    ['10.0.0.1', '1.2.3.4', '1.2.3.4'],
    // What stands before the first that no proxy of ours wrote is the caller's own invention.
    ['10.0.0.1', '127.0.0.1, 6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.3,10.0.0.2', '1.2.3.4'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', '6.6.6.6, unknown, 10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '6.6.6.6,', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '1.2.3.4:5678', '1.2.3.4'],
    ['10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['10.0.0.1', '::ffff:1.2.3.4', '1.2.3.4'],
    ['11.0.0.1', '1.2.3.4', '11.0.0.1'],
  ])('peer %s with X-Forwarded-For %j is %s', (peer, told, want) => {
    const of = clientAddressOf({ trustedProxies: ['10.0.0.0/8'], forwardedFor: 'x-forwarded-for' });
    expect(of(peer, { 'x-forwarded-for': told, 'x-real-ip': '9.9.9.9' })).toBe(want);
  });
});
