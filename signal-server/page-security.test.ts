import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageSecurity } from './page-security.ts';

const PLAIN = { https: false, urlSources: false };

function connectSources(host: string | undefined): string[] {
  const headers = host === undefined ? {} : { host };
  const policy = pageSecurity(headers, PLAIN)['Content-Security-Policy'] ?? '';
  const directive = policy.split(';').find((part) => part.trim().startsWith('connect-src '));
  return (directive ?? '').trim().split(' ').slice(1);
}

/** CSP Level 3, section 2.3.1, character by character: `"ws" ["s"] "://" host-part [":" 1*DIGIT]`. */
function isHostSource(source: string): boolean {
  const [scheme, authority, ...more] = source.split('://');
  if ((scheme !== 'ws' && scheme !== 'wss') || authority === undefined || more.length > 0) return false;
  const [name = '', port, ...rest] = authority.split(':');
  const only = (text: string, alphabet: string): boolean =>
    text !== '' && [...text].every((character) => alphabet.includes(character));
  const hostChars = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-';
  return (
    rest.length === 0 &&
    name.split('.').every((label) => only(label, hostChars)) &&
    (port === undefined || only(port, '0123456789'))
  );
}

describe('[SV2] the content security policy', () => {
  test.each([
    'localhost:8000',
    'share.example.org',
    'xn--bcher-kva.example',
    '127.0.0.1:18000',
    '192.168.1.7',
    'A-1.b',
  ])('names %s with the schemes of the socket, for older WebKit', (host) => {
    expect(connectSources(host)).toEqual([`'self'`, `ws://${host}`, `wss://${host}`]);
  });

  test.each([
    '[::1]:8000',
    '[2001:db8::1]',
    '::1',
    'shoal_backend',
    'shoal_backend:8000',
    'a..b',
    '.a',
    'a.',
    'host:',
    ':80',
    'host:80:80',
    'host:x',
    '*',
    '*.example.org',
    'bücher.example',
    'a b',
    "a; script-src 'unsafe-inline'",
    'a,b',
    '',
    'x'.repeat(256),
    undefined,
  ])('leaves %s out, which is no valid source', (host) => {
    expect(connectSources(host)).toEqual([`'self'`]);
  });

  test('holds valid sources alone, whatever the request says its host is', () => {
    const likeHosts = fc.string({ unit: fc.constantFrom(...'aZ09-._:[]*/;, %ü\'"'), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(likeHosts, fc.string(), fc.ipV6(), fc.domain()), (host) => {
        const [self, ...sockets] = connectSources(host);
        expect(self).toBe(`'self'`);
        expect(sockets.every(isHostSource)).toBe(true);
        const named = sockets.length === 2;
        expect(named).toBe(host.length <= 255 && isHostSource(`ws://${host}`) && !/:\d{6,}$/.test(host));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('[SV2] the other headers', () => {
  test('https is kept to for a year, plain http is not told of it', () => {
    expect(pageSecurity({}, { ...PLAIN, https: true })['Strict-Transport-Security']).toBe('max-age=31536000');
    expect(pageSecurity({}, PLAIN)).not.toHaveProperty('Strict-Transport-Security');
  });

  test('devices that a file has no use for are off, and addresses are told to nobody', () => {
    expect(pageSecurity({}, PLAIN)).toMatchObject({
      'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
  });
});

describe('[WS6] web addresses', () => {
  test('[WS6] may be fetched by https from any server where the operator says so, and nothing else is let in', () => {
    const open = pageSecurity({ host: 'share.example' }, { https: true, urlSources: true });
    const closed = pageSecurity({ host: 'share.example' }, { https: true, urlSources: false });
    const [one, other] = [open, closed].map((headers) => headers['Content-Security-Policy'] ?? '');
    expect(one).toContain(`connect-src 'self' ws://share.example wss://share.example https:;`);
    expect(one?.replace(' https:', '')).toBe(other);
  });
});
