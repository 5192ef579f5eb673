/** Under which address this machine is announced where nobody has said it. */
import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isDiallable, isOwnAddress } from './addresses.ts';
import { announcedAddress } from './public-address.ts';

describe('[HL58] the announced address', () => {
  test.each([
    ['without a tracker', null],
    ['towards one on this machine', 'http://127.0.0.1:8080/peers'],
    ['towards one by IPv6', 'http://[::1]:8080/peers'],
    ['towards one elsewhere', 'http://192.0.2.1:8080/peers'],
    ['towards one that nobody knows', 'http://tracker.invalid/peers'],
  ])('[HL58] %s is one of our own that others can dial', async (_, url) => {
    const address = await announcedAddress(url === null ? null : new URL(url));
    expect(isIP(address)).not.toBe(0);
    expect([isDiallable(address), isOwnAddress(address)]).toEqual([true, true]);
  });
});
