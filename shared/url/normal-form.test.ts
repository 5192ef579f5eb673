import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_URL_LENGTH } from '../limits.ts';
import { isContentUrl } from '../manifest/content-url.ts';
import { anyHost } from './literal-address.ts';
import { normalUrl } from './normal-form.ts';

const DIGEST = '0123456789abcdef'.repeat(4);

describe('[WS10] the normal form', () => {
  test.each([
    ['https://mirror.example/a.iso', 'https://mirror.example/a.iso'],
    [' \n https://mirror.example/a.iso\t', 'https://mirror.example/a.iso'],
    ['HTTPS://Mirror.EXAMPLE/A.iso', 'https://mirror.example/A.iso'],
    ['https://mirror.example', 'https://mirror.example/'],
    ['https://mirror.example.:443/', 'https://mirror.example/'],
    ['http://mirror.example:80/', 'http://mirror.example/'],
    ['http://mirror.example:443/', 'http://mirror.example:443/'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://mirror.example/%7euser/%41%2d%5F%2e', 'https://mirror.example/~user/A-_.'],
    ['https://mirror.example/a%2fb%c3%a4', 'https://mirror.example/a%2Fb%C3%A4'],
    ['https://mirror.example/a/./b/../c/%2e%2E/d', 'https://mirror.example/a/d'],
    ['https://mirror.example/../../a', 'https://mirror.example/a'],
    ['https://mirror.example/a//b', 'https://mirror.example/a//b'],
    ['https://mirror.example\\a\\b', 'https://mirror.example/a/b'],
    ['https://mirror.example/a b|c^`{}', 'https://mirror.example/a%20b%7Cc%5E%60%7B%7D'],
    ['https://mirror.example/100%', 'https://mirror.example/100%25'],
    ['https://mirror.example/%%34%31', 'https://mirror.example/%2541'],
    ['https://mirror.example/a?B=%7e&c=%2f/../d', 'https://mirror.example/a?B=%7e&c=%2f/../d'],
    ['https://mirror.example/a?', 'https://mirror.example/a?'],
    ['https://mirror.example/a?x={1}|2', 'https://mirror.example/a?x=%7B1%7D%7C2'],
    ['https://mirror.example/a#part', 'https://mirror.example/a'],
    ['https://@mirror.example/a', 'https://mirror.example/a'],
    ['https:mirror.example/a', 'https://mirror.example/a'],
    ['https://93.184.216.34/a', 'https://93.184.216.34/a'],
    ['https://0x5db8d822/a', 'https://93.184.216.34/a'],
    ['https://[2606:2800:0220:0001::0001]/a', 'https://[2606:2800:220:1::1]/a'],
  ])('[WS10] of %j is %s', (text, url) => {
    expect(normalUrl(text)).toEqual({ kind: 'url', url, sha256: null });
  });

  test.each([`#sha256=${DIGEST}`, `#SHA256=${DIGEST.toUpperCase()}`])(
    '[WS10] knows the digest in %s',
    (hash) => {
      const normal = { kind: 'url', url: 'https://mirror.example/a', sha256: DIGEST };
      expect(normalUrl(`https://mirror.example/a${hash}`)).toEqual(normal);
    },
  );

  test.each([
    ['', 'not-a-url'],
    ['mirror.example/a', 'not-a-url'],
    ['/a', 'not-a-url'],
    ['https://', 'not-a-url'],
    ['https://mirror example/', 'not-a-url'],
    ['https://mirror.example:99999/', 'not-a-url'],
    ['https://a!b.example/', 'not-a-url'],
    [`https://${'a.'.repeat(130)}example/`, 'not-a-url'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['data:text/plain,a', 'scheme'],
    ['ftp://mirror.example/a', 'scheme'],
    ['blob:https://mirror.example/a', 'scheme'],
    ['localhost:8000/a', 'scheme'],
    ['https://me:secret@mirror.example/', 'credentials'],
    ['https://me@mirror.example/', 'credentials'],
    ['https://:secret@mirror.example/', 'credentials'],
    ['http://127.0.0.1', 'private-address'],
    ['http://[::1]', 'private-address'],
    ['http://[::ffff:127.0.0.1]/', 'private-address'],
    ['http://169.254.169.254/latest', 'private-address'],
    ['http://2130706433/', 'private-address'],
    ['http://LOCALHOST./', 'private-address'],
    ['http://printer.local/', 'private-address'],
    [`https://mirror.example/${'x'.repeat(10_000)}`, 'too-long'],
    [`https://mirror.example/${'x'.repeat(MAX_URL_LENGTH)}`, 'too-long'],
    [`https://mirror.example/${'ä'.repeat(500)}`, 'too-long'],
    ['https://mirror.example/a#sha256=', 'sha256'],
    [`https://mirror.example/a#sha256=${DIGEST}0`, 'sha256'],
    [`https://mirror.example/a#sha256=${'g'.repeat(64)}`, 'sha256'],
  ])('[WS10] %j has none: %s', (text, why) => {
    expect(normalUrl(text)).toEqual({ kind: 'refused', why });
  });

  test('[WS10] may be of a private network for who has said so', () => {
    expect(normalUrl('http://127.0.0.1:8080/a', anyHost)).toMatchObject({ url: 'http://127.0.0.1:8080/a' });
  });

  test('[WS10] may have the longest address that a share can name', () => {
    const url = `https://mirror.example/${'x'.repeat(MAX_URL_LENGTH - 'https://mirror.example/'.length)}`;
    expect(normalUrl(url)).toMatchObject({ url });
    expect(normalUrl(url.replaceAll('x', '%78'))).toMatchObject({ url });
  });

  test('[WS10] is one a share may name, and its own normal form, whatever was typed', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '%',
        '%2',
        '%41',
        '%2e',
        '..',
        '/',
        '?',
        '#',
        '\\',
        '{',
        '|',
        '^',
        ' ',
        '.',
        '%25',
        '%zz',
      ),
    );
    const typed = fc.array(piece).map((pieces) => `https://mirror.example/${pieces.join('')}`);
    fc.assert(
      fc.property(typed, (text) => {
        const once = normalUrl(text);
        if (once.kind === 'refused') return;
        expect(isContentUrl(once.url)).toBe(true);
        expect(normalUrl(once.url)).toEqual({ ...once, sha256: null });
      }),
    );
  });

  test('[WS10] never fails, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['url', 'refused']).toContain(normalUrl(text).kind);
      }),
    );
  });
});
