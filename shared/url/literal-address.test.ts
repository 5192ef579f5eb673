/** The other policy, in cli/web/, is held to the same vectors. */
import { describe, expect, test } from 'vitest';
import vectors from '../vectors/addresses.json';
import { isPublicHost } from './literal-address.ts';

/** As `URL` prints it. */
function hostOf(address: string): string {
  return new URL(`http://${address.includes(':') ? `[${address}]` : address}/`).hostname;
}

describe('[WS10] the host of an address', () => {
  test.each(vectors.public)('[WS10] %s may be everybody’s', (address) => {
    expect(isPublicHost(hostOf(address))).toBe(true);
  });

  test.each(vectors.private)('[WS10] %s is not everybody’s', (address) => {
    expect(isPublicHost(hostOf(address))).toBe(false);
  });

  test.each([
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '0177.0.0.01',
    '127.1',
    '127.0.0.1.',
    '１２７.0.0.1',
  ])('[WS10] %s is 127.0.0.1', (text) =>
    expect([hostOf(text), isPublicHost(hostOf(text))]).toEqual(['127.0.0.1', false]),
  );

  test.each(['localhost', 'localhost.', 'a.localhost', 'printer.local', 'db.internal', 'nas.home.arpa', ''])(
    '[WS10] %j is of this machine or its network',
    (host) => expect(isPublicHost(host)).toBe(false),
  );

  test.each([
    'mirror.example',
    'localhost.example',
    'mylocalhost',
    'notlocal',
    '1.2.3.4.example',
    'xn--bcher-kva.example',
  ])('[WS10] %s is a name that may be anybody’s', (host) => expect(isPublicHost(host)).toBe(true));

  test.each([
    '[]',
    '[::',
    '[1:2]',
    '[1::2::3]',
    '[1:2:3:4:5:6:7:8:9]',
    '[::1.2.3]',
    '[::1.2.3.400]',
    '[g::1]',
    '[12345::]',
  ])('[WS10] %s is nobody’s', (host) => expect(isPublicHost(host)).toBe(false));

  test('[WS10] a zone does not make an address another one', () => {
    expect(isPublicHost('[fe80::1%eth0]')).toBe(false);
  });
});
