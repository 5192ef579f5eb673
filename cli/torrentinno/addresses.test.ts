/** Addresses of strangers, and ids on the right side of theirs. */
import { describe, expect, test } from 'vitest';
import { seededEntropy } from '../../shared/peer/testing/node-ports.ts';
import { addressKey, isDiallable, isOwnAddress, nameOf, pathTo, plainAddress } from './addresses.ts';
import { idAbove, idBelow } from './fresh-id.ts';
import { testId } from './testing/peers.ts';

describe('addresses', () => {
  test.each(['10.1.2.3', '127.0.0.1', '8.8.8.8', '::1', '2001:db8::1'])(
    '[HL57] %s can be dialled',
    (address) => {
      expect(isDiallable(address)).toBe(true);
    },
  );

  test.each([
    '',
    'localhost',
    'example.org',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'ff02::1',
    '10.907.1.2',
    '010.1.1.1',
    'fe80::1%eth0',
    '1.2.3.4:80',
  ])('[HL57] %j cannot be dialled', (address) => expect(isDiallable(address)).toBe(false));

  test('IPv4 is the same however it is written', () => {
    expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
    expect(nameOf('::ffff:10.0.0.1', testId('aa'))).toBe(nameOf('10.0.0.1', testId('aa')));
  });

  test('[HL51] a name is of one address and one id', () => {
    const names = [
      nameOf('10.0.0.1', testId('aa')),
      nameOf('10.0.0.2', testId('aa')),
      nameOf('10.0.0.1', testId('ab')),
      testId('aa'),
    ];
    expect(new Set(names).size).toBe(4);
  });

  test('[HL53] of IPv6 a network of 64 bits is one address', () => {
    expect(addressKey('2001:db8:1:2::1')).toBe(addressKey('2001:db8:1:2:ffff::9'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
    expect(addressKey('::ffff:1.2.3.4')).toBe(addressKey('1.2.3.4'));
  });

  test.each([
    ['192.168.0.7', 'lan'],
    ['::ffff:127.0.0.1', 'lan'],
    ['fd00::1', 'lan'],
    ['8.8.8.8', 'direct'],
    ['2001:4860::1', 'direct'],
    ['', 'direct'],
  ])('the way to %j is %s', (address, path) => expect(pathTo(address)).toBe(path));

  test('[HL54] this machine knows its own', () => {
    expect(isOwnAddress('127.0.0.1')).toBe(true);
    expect(isOwnAddress('::1')).toBe(true);
    expect(isOwnAddress('203.0.113.9')).toBe(false);
  });
});

describe('[HL55] ids by which we are somebody new', () => {
  const entropy = seededEntropy(5);

  test('lie on the side that is asked for, and are others each time', () => {
    for (const digits of ['01', '7f', '80', 'fe']) {
      const other = testId(digits);
      const [below, above] = [idBelow(other, entropy), idAbove(other, entropy)];
      expect(below !== null && below < other).toBe(true);
      expect(above !== null && above > other).toBe(true);
      expect(idBelow(other, entropy)).not.toBe(below);
    }
  });

  test('there is none below the smallest and none above the greatest', () => {
    expect(idBelow(testId('00'), entropy)).toBeNull();
    expect(idAbove(testId('ff'), entropy)).toBeNull();
  });
});
