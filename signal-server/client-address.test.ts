import { isIP } from 'node:net';
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
});
