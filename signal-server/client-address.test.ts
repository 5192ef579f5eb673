import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addTrusted, addressKey, clientAddress, trustedProxies } from './client-address.ts';

function trusting(...ranges: string[]) {
  const list = trustedProxies();
  for (const range of ranges) expect(addTrusted(list, range)).toBe(true);
  return list;
}

describe('client address', () => {
  test.each([
    ['203.0.113.7', '198.51.100.1', [], '203.0.113.7'],
    ['10.0.0.1', '198.51.100.1', ['10.0.0.0/8'], '198.51.100.1'],
    ['10.0.0.1', 'evil, 198.51.100.1', ['10.0.0.0/8'], '198.51.100.1'],
    ['10.0.0.1', '1.2.3.4, 198.51.100.1, 10.0.0.2', ['10.0.0.0/8'], '198.51.100.1'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', ['10.0.0.0/8'], '10.0.0.3'],
    ['10.0.0.1', 'nonsense', ['10.0.0.0/8'], '10.0.0.1'],
    ['10.0.0.1', '', ['10.0.0.0/8'], '10.0.0.1'],
    ['::ffff:10.0.0.1', '198.51.100.1:4711', ['10.0.0.0/8'], '198.51.100.1'],
    ['::1', '[2001:db8::1]:4711', ['loopback'], '2001:db8::1'],
    ['127.0.0.1', '2001:db8::1', ['loopback'], '2001:db8::1'],
    ['fd00::1', '192.168.1.1, 198.51.100.1', ['private'], '198.51.100.1'],
  ])('[SV6] from %s with %s trusting %j it is %s', (remote, forwarded, ranges, expected) => {
    expect(clientAddress(remote, forwarded, trusting(...ranges))).toBe(expected);
  });

  test('[SV6] without the header it is the socket', () => {
    expect(clientAddress('10.0.0.1', undefined, trusting('10.0.0.0/8'))).toBe('10.0.0.1');
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('[SV5] %s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  test('[SV6] whatever stands in the header, the answer is an address', () => {
    const proxies = trusting('10.0.0.0/8', 'loopback');
    const header = fc
      .array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 6 })
      .map((hops) => hops.join(','));
    fc.assert(
      fc.property(fc.constantFrom('10.0.0.1', '::1', '203.0.113.7'), header, (remote, forwarded) => {
        const address = clientAddress(remote, forwarded, proxies);
        expect(isIP(address)).not.toBe(0);
        expect(addressKey(address).length).toBeLessThan(64);
      }),
    );
  });

  test.each([
    'proxy',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/8.5',
    '10.0.0.0/x',
    '/8',
    '',
    '10.0.0',
    'Loopback ',
  ])('[SV6] [SV7] %j is nobody who could be trusted', (text) => {
    expect(addTrusted(trustedProxies(), text)).toBe(false);
  });

  test('[SV6] a range trusts those in it and nobody beside it', () => {
    const list = trusting('10.1.0.0/16', '192.0.2.7', '2001:db8:1::/48');
    const from = (remote: string) => clientAddress(remote, '198.51.100.1', list);
    for (const proxy of ['10.1.0.0', '10.1.255.255', '192.0.2.7', '2001:db8:1:ffff::1']) {
      expect(from(proxy)).toBe('198.51.100.1');
    }
    for (const stranger of ['10.2.0.0', '10.0.255.255', '192.0.2.8', '2001:db8:2::1']) {
      expect(from(stranger)).toBe(stranger);
    }
  });

  test('[SV5] an IPv6 address counts with its /64 network, in whatever form it is written', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        const [network = '', bits] = addressKey(one).split('/');
        const list = new BlockList();
        list.addSubnet(network, Number(bits), 'ipv6');
        expect([bits, list.check(one, 'ipv6')]).toEqual(['64', true]);
        expect(addressKey(other) === addressKey(one)).toBe(list.check(other, 'ipv6'));
      }),
    );
  });
});
