import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_HOST_LENGTH, MAX_URL_LENGTH } from '../limits.ts';
import { isContentUrl } from './content-url.ts';

const HOST = `${'a.'.repeat(126)}b`;

describe('addresses of content', () => {
  test.each([
    'http://a/',
    'https://example.org/film.mp4',
    'https://example.org:8443/a/b%20c/(1)_~;v=2?x=1&y=%C3%BC',
    'http://127.0.0.1:8000/x',
    'https://255.255.255.255/',
    'http://[::1]/x',
    'http://[2001:db8::1:0]:65535/x',
    'http://[1:2:3:4:5:6:7:8]/',
    'https://my_bucket.s3.example/@scope/a[1]',
    'https://xn--bcher-kva.example/',
    `https://${HOST}/`,
    `https://a/${'x'.repeat(MAX_URL_LENGTH - 10)}`,
  ])('[MF2] %s', (url) => {
    expect(isContentUrl(url)).toBe(true);
    expect(URL.canParse(url)).toBe(true);
  });

  test.each([
    ...['', 'a', '/a', '//a/', 'a/b', 'http:', 'http:/', 'http://', 'http:///a', 'http:a/b', 'http:\\\\a\\b'],
    ...[
      'ftp://a/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'data:text/html,x',
      'blob:http://a/b',
      'ws://a/',
    ],
    ...['HTTP://a/', 'https://A/', 'https://a', 'https://a?x', 'https://a#x', 'https://a/#x', ' https://a/'],
    ...['https://u@a/', 'https://u:p@a/', 'https://:@a/', 'https://a:80@b/', 'https://a@b:80/'],
    ...[
      'https://a:/',
      'https://a:x/',
      'https://a:65536/',
      'https://a:123456/',
      'https://a:-1/',
      'https://:80/',
    ],
    ...[
      'https://.a/',
      'https://a./',
      'https://a..b/',
      'https://a b/',
      'https://ä/',
      'https://a%41/',
      'https://a,b/',
    ],
    ...[
      'http://1/',
      'http://1.2.3/',
      'http://1.2.3.256/',
      'http://01.2.3.4/',
      'http://1.2.3.4./',
      'http://0x7f/',
    ],
    ...[
      'http://a.0x7f/',
      'http://1.2.3.4.5/',
      'http://[]/',
      'http://[:]/',
      'http://[1]/',
      'http://[1::2::3]/',
    ],
    ...['http://[::g]/', 'http://[::1/', 'http://::1/', 'http://[::FF]/', 'http://[1:2:3:4:5:6:7::8]/x y'],
    ...['http://[1:2:3:4:5:6:7:8:9]/', 'http://[:1::2]/', 'http://[fe80::1%25eth0]/', 'http://[::12345]/'],
    ...[
      'https://a/\n',
      'https://a/\0',
      'https://a/ü',
      'https://a/<b>',
      'https://a/"',
      'https://a/\\',
      'https://a/`',
    ],
    ...[
      'https://a/{}',
      'https://a/|',
      'https://a/^',
      'https://a/\u202e',
      'https://a/\ud800',
      'https://a/x\r\nb: c',
    ],
    `https://${HOST.slice(1)}aa/`,
    `https://a/${'x'.repeat(MAX_URL_LENGTH - 9)}`,
  ])('[MF2] not %j', (url) => {
    expect(isContentUrl(url)).toBe(false);
  });

  test('[MF2] whatever is one, the platform reads as just that, with neither name nor fragment', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,8}$/).filter((text) => !text.startsWith('xn--'));
    const part = fc.oneof(
      fc.constantFrom(
        ...['http://', 'https://', ':', '/', '@', '?', '#', '[', ']', '::', '.', '\\', '%', 'x'],
      ),
      label,
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.nat(70_000).map(String),
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      fc
        .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.array(part, { maxLength: 5 }))
        .map(([host, rest]) => `https://${host.join('.')}${rest.join('')}`),
      fc.array(fc.nat(300), { minLength: 3, maxLength: 5 }).map((numbers) => `http://${numbers.join('.')}/`),
      fc
        .array(fc.constantFrom(':', '::', '0', 'f', '12ab', '1:2', '12345'), { maxLength: 9 })
        .map((groups) => `http://[${groups.join('')}]/`),
    );
    let accepted = 0;
    fc.assert(
      fc.property(text, (candidate) => {
        if (!isContentUrl(candidate)) return;
        accepted++;
        const url = new URL(candidate);
        expect(url.protocol).toMatch(/^https?:$/);
        expect([url.username, url.password, url.hash]).toEqual(['', '', '']);
        if (!url.hostname.startsWith('[')) expect(candidate).toContain(`//${url.hostname}`);
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test('[MF2] hosts are bounded', () => {
    expect(HOST).toHaveLength(MAX_HOST_LENGTH);
  });
});
