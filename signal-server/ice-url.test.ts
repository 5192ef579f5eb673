import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iceUrlFault } from './ice-url.ts';

describe('[SV7] addresses of ICE servers, as browsers judge them', () => {
  test.each([
    'stun:stun.example',
    'stun:stun.example:3478',
    'stuns:stun.example:5349',
    'turn:turn.example',
    'turn:turn.example:3478?transport=udp',
    'turns:turn.example:443?transport=tcp',
    'stun:192.0.2.1:3478',
    'turn:[2001:db8::1]:3478?transport=tcp',
    'turn:coturn_1',
    'stun:xn--bcher-kva.example',
    'stun:localhost',
    'stun:1.example',
  ])('%s', (url) => {
    expect(iceUrlFault(url)).toBeNull();
  });

  test.each([
    ['', 'is no'],
    ['stun', 'is no'],
    ['https://stun.example', 'is no'],
    ['STUN:stun.example', 'is no'],
    [' stun:stun.example', 'is no'],
    ['stun:', 'host'],
    ['stun::3478', 'host'],
    ['stun://stun.example', 'no "//"'],
    ['turn:user:password@turn.example', 'port'],
    ['turn:user@turn.example', 'the password'],
    ['stun:stun example', 'host'],
    ['stun:bücher.example', 'host'],
    ['stun:999.0.2.1', 'host'],
    ['stun:192.0.2', 'host'],
    ['stun:0x7f000001', 'host'],
    ['stun:[2001:db8::1', 'is no'],
    ['stun:[192.0.2.1]', 'host'],
    ['stun:[fe80::1%eth0]', 'host'],
    ['stun:2001:db8::1', 'host'],
    ['stun:stun..example', 'host'],
    ['stun:stun.example/', 'host'],
    ['stun:stun.example:', 'port'],
    ['stun:stun.example:abc', 'port'],
    ['stun:stun.example:0', 'port'],
    ['stun:stun.example:65536', 'port'],
    ['stun:stun.example:3478/x', 'port'],
    ['stun:stun.example?transport=udp', 'STUN'],
    ['turn:turn.example?', 'transport'],
    ['turn:turn.example?transport=', 'transport'],
    ['turn:turn.example?transport=tls', 'transport'],
    ['turn:turn.example?transport=udp&x=1', 'transport'],
    ['turn:turn.example#x', 'host'],
  ])('%s: %s', (url, fault) => {
    expect(iceUrlFault(url)).toContain(fault);
  });

  test('whatever it is, the fault repeats nothing of it and costs little', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12, maxLength: 200 }), (text) => {
        const fault = iceUrlFault(`turn:${text}`);
        if (fault !== null) expect(fault).not.toContain(text);
      }),
    );
    expect(iceUrlFault(`stun:${'a.'.repeat(100_000)}-`)).toContain('host');
  });
});
