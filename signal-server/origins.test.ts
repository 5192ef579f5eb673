import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserOrigin } from './origins.ts';

describe('[SV7] origins, as browsers write them', () => {
  test.each([
    ['https://share.example', 'https://share.example'],
    ['https://share.example/', 'https://share.example'],
    ['HTTPS://Share.Example', 'https://share.example'],
    ['https://share.example:443', 'https://share.example'],
    ['http://share.example:80/', 'http://share.example'],
    ['http://share.example:443', 'http://share.example:443'],
    ['http://localhost:8000', 'http://localhost:8000'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://BÜCHER.example:8443/', 'https://xn--bcher-kva.example:8443'],
    ['http://[2001:DB8:0::1]:8000', 'http://[2001:db8::1]:8000'],
    ['http://192.168.1.7', 'http://192.168.1.7'],
    ['http://my_box:8000', 'http://my_box:8000'],
    ['chrome-extension://AbCdEf', 'chrome-extension://abcdef'],
    ['tauri://localhost', 'tauri://localhost'],
  ])('%s is %s', (written, sent) => {
    expect(browserOrigin(written)).toBe(sent);
  });

  test.each([
    '',
    '*',
    'null',
    'share.example',
    'share.example:8000',
    'https:share.example',
    'https:/share.example',
    'https:///share.example',
    'https://',
    'https://share.example/path',
    'https://share.example//',
    'https://share.example/?x',
    'https://share.example?x',
    'https://share.example#x',
    'https://user:password@share.example',
    'https://share.example\\path',
    'https://share example',
    'https://*.example',
    'https://share.example:0',
    'https://share.example:70000',
    'https://share.example:x',
    'https://[::1',
    'wss://share.example',
    'file:///home',
    'ftp://share.example',
  ])('%s is none', (written) => {
    expect(browserOrigin(written)).toBeNull();
  });

  test('what is taken is in the form that is compared, and stays as it is when it is read again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.webAuthority().map((a) => `https://${a}`),
        ),
        (text) => {
          const origin = browserOrigin(text);
          if (origin === null) return;
          expect(origin).toBe(origin.toLowerCase());
          expect(browserOrigin(origin)).toBe(origin);
          if (/^https?:/.test(origin)) expect(new URL(origin).origin).toBe(origin);
        },
      ),
      { numRuns: 30 },
    );
  });
});
