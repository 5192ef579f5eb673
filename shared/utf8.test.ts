import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8, utf8Length } from './utf8.ts';

const platform = {
  encode: new TextEncoder(),
  decode: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
};

function platformDecode(bytes: Uint8Array): string | null {
  try {
    return platform.decode.decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return null;
  }
}

/** Bytes that are nearly UTF-8: leads and continuations far more often than by chance. */
const nearlyUtf8 = fc.array(
  fc.oneof(
    fc.constantFrom(
      0x41,
      0x80,
      0xbf,
      0xc0,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xff,
      0x9f,
      0xa0,
      0x8f,
      0x90,
    ),
    fc.integer({ min: 0, max: 255 }),
  ),
  { maxLength: 12 },
);

describe('UTF-8', () => {
  test('encodes what the platform encodes, unpaired surrogates included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff)),
        fc.array(fc.integer({ min: 0xd700, max: 0xe010 })),
        (any, units) => {
          const mixed = String.fromCharCode(...any, ...units, ...any);
          expect(encodeUtf8(mixed)).toEqual(platform.encode.encode(mixed));
          expect(utf8Length(mixed)).toBe(encodeUtf8(mixed).length);
        },
      ),
    );
  });

  test('decodes and refuses what the platform decodes and refuses', () => {
    fc.assert(
      fc.property(nearlyUtf8, (bytes) => {
        const raw = Uint8Array.from(bytes);
        expect(decodeUtf8(raw)).toBe(platformDecode(raw));
      }),
      { numRuns: 5_000 },
    );
  });

  test('every code point there is survives both ways; every surrogate is refused', () => {
    for (let first = 0; first < 0x11_0000; first += 0x400) {
      const isSurrogate = first >= 0xd800 && first < 0xe000;
      let text = '';
      for (let point = first; point < first + 0x400; point++) text += String.fromCodePoint(point);
      const bytes = encodeUtf8(text);
      if (!isSurrogate) expect(decodeUtf8(bytes) === text).toBe(true);
    }
    for (let low = 0xa0; low <= 0xbf; low++) expect(decodeUtf8(Uint8Array.of(0xed, low, 0x80))).toBeNull();
  });

  test.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL', [0xe0, 0x80, 0x80]],
    ['four bytes for U+FFFF', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['a cut sequence', [0x41, 0xe2, 0x82]],
    ['a stray continuation', [0x80]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeNull();
  });

  test('a long text survives wherever its characters fall in the decoder’s chunks', () => {
    for (const pad of [0, 1, 2, 3]) {
      const text = 'x'.repeat(pad) + 'é€😀a'.repeat(10_000);
      expect(decodeUtf8(encodeUtf8(text)) === text).toBe(true);
    }
  });

  test('keeps a byte order mark', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
  });
});
