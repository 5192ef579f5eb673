import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBase64url, readBase64url } from './base64url.ts';

describe('base64url', () => {
  test('[LK2] encodes as Node does, and decodes what it encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(readBase64url(text)).toEqual(bytes);
      }),
    );
  });

  test('[LK2] whatever decodes encodes to the same text: one text for the same bytes', () => {
    const letters = [
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
      '=',
      '+',
      '/',
      ' ',
      'é',
    ];
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((list) => list.join(''));
    fc.assert(
      fc.property(text, (input) => {
        const bytes = readBase64url(input);
        if (typeof bytes !== 'string') expect(encodeBase64url(bytes)).toBe(input);
        else expect(Buffer.from(input, 'base64url').toString('base64url')).not.toBe(input);
      }),
      { numRuns: 2_000 },
    );
  });

  test('[LK2] of the 64 last characters of 32 bytes exactly 16 are canonical', () => {
    const head = 'A'.repeat(42);
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const good = letters.filter((letter) => typeof readBase64url(head + letter) !== 'string');
    expect(good.join('')).toBe('AEIMQUYcgkosw048');
    expect(readBase64url(`${head}B`)).toBe('not-canonical');
  });

  test.each([
    ['AA==', 'alphabet'],
    ['A+', 'alphabet'],
    ['A', 'length'],
    ['AAAAA', 'length'],
    ['AB', 'not-canonical'],
    ['AAB', 'not-canonical'],
  ])('[LK2] says what is wrong with %s: %s', (text, flaw) => {
    expect(readBase64url(text)).toBe(flaw);
  });
});
