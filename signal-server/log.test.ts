import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coarse } from './log.ts';

describe('[SV10] an address in the log', () => {
  test.each([
    ['203.0.113.7', '203.0.0.0/16'],
    ['2001:db8:1:2::3', '2001:db8::/32'],
    ['2001::1', '2001:0::/32'],
    ['::1', '0:0::/32'],
    ['fe80::1%eth0', 'fe80:0::/32'],
    ['', 'unknown'],
    ['share.example', 'unknown'],
    ['a:b', 'unknown'],
  ])('%s is %s', (address, shown) => {
    expect(coarse(address)).toBe(shown);
  });

  test('is a network that it belongs to, and thousands of others', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
        const [network = '', bits] = coarse(address).split('/');
        const list = new BlockList();
        list.addSubnet(network, Number(bits), family);
        expect(list.check(address, family)).toBe(true);
        expect(Number(bits)).toBe(family === 'ipv4' ? 16 : 32);
      }),
    );
  });
});
