import { expect, test } from 'vitest';
import { nodeIceServers } from './ice-servers.ts';

const login = { username: '1790000000:a', credential: 'c2VjcmV0' };
const relay = { username: login.username, password: login.credential, relayType: 'TurnUdp' };

test.each([
  ['stun:shoal.example', [{ hostname: 'shoal.example', port: 3478 }]],
  ['stun:shoal.example:19302', [{ hostname: 'shoal.example', port: 19_302 }]],
  ['stun:[2001:db8::1]:5000', [{ hostname: '2001:db8::1', port: 5_000 }]],
  ['turn:shoal.example:5000', [{ hostname: 'shoal.example', port: 5_000, ...relay }]],
  ['turn:shoal.example?transport=udp', [{ hostname: 'shoal.example', port: 3478, ...relay }]],
  ['turn:shoal.example?transport=tcp', []],
  ['turns:shoal.example:443', []],
  ['stuns:shoal.example', []],
  ['http://shoal.example', []],
  ['stun:shoal.example:99999', []],
  ['stun:', []],
])('[HL22] %s', (urls, expected) => {
  expect(nodeIceServers([{ urls, ...login }])).toEqual(expected);
});

test('[HL22] of several, one STUN server is asked and every relay that can be', () => {
  const servers = nodeIceServers([
    { urls: ['stun:a.example', 'stun:b.example'] },
    { urls: ['turn:a.example', 'turns:a.example', 'turn:b.example'], ...login },
    { urls: 'turn:without-a-login.example' },
  ]);
  expect(servers.map(({ hostname, relayType }) => [hostname, relayType])).toEqual([
    ['a.example', undefined],
    ['a.example', 'TurnUdp'],
    ['b.example', 'TurnUdp'],
  ]);
});
