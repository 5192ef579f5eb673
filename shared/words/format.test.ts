import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, formatBytes, formatEta, formatRate, percentOf, nameInSentence } from './format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('sizes and rates', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1.00 kB'],
    [9_994, '9.99 kB'],
    [9_996, '10.0 kB'],
    [99_940, '99.9 kB'],
    [99_960, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [256_000_000, '256 MB'],
    [40_000_000_000, '40.0 GB'],
    [1_234_567_890_123, '1.23 TB'],
    [5_000_000_000_000_000_000, '5,000 PB'],
  ])('[UI7] writes %d bytes as %s', (bytes, text) => {
    expect(plain(formatBytes(bytes))).toBe(text);
  });

  it('[UI7] keeps three digits from a kilobyte to 999 PB', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 9e14 }), (bytes) => {
        expect(formatBytes(bytes).replaceAll(/\D/g, '')).toHaveLength(3);
      }),
    );
  });

  it('[UI7] rounds like the platform', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), (bytes) => {
        const [, unit = ''] = plain(formatBytes(bytes)).split(' ');
        const value = bytes / (unit === 'MB' ? 1e6 : unit === 'kB' ? 1e3 : 1);
        const options = unit.startsWith('byte')
          ? {}
          : { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
        expect(plain(formatBytes(bytes))).toBe(
          `${new Intl.NumberFormat('en', options).format(value)} ${unit}`,
        );
      }),
    );
  });

  it('[UI7] writes a rate per second, also a fractional one', () => {
    expect(plain(formatRate(1_250_000.4))).toBe('1.25 MB/s');
    expect(plain(formatRate(0.2))).toBe('0 bytes/s');
  });
});

describe('time left', () => {
  it.each([
    [null, 'unknown'],
    [Number.POSITIVE_INFINITY, 'unknown'],
    [0, '1 second'],
    [0.2, '1 second'],
    [59, '59 seconds'],
    [60, '1 minute'],
    [150, '3 minutes'],
    [3_569, '59 minutes'],
    [3_580, '1 hour'],
    [3_900, '1 hr 5 min'],
    [7_190, '2 hours'],
    [86_400, '1 day'],
    [90_000, '1 day 1 hr'],
    [8_640_001, 'over 100 days'],
  ])('[UI7] writes %s seconds as %s', (seconds, text) => {
    expect(formatEta(seconds)).toBe(text);
  });
});

describe('percent and counts', () => {
  it('[UI7] says 100 only when everything is there and 0 only when nothing is', () => {
    expect([percentOf(0, 0), percentOf(0, 9), percentOf(1, 1e9), percentOf(999_999_999, 1e9)]).toEqual([
      0, 0, 1, 99,
    ]);
    expect(percentOf(1e9, 1e9)).toBe(100);
  });

  it('[UI7] never goes back while bytes come in', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.integer({ min: 1, max: 1e6 }), (a, b, total) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(percentOf(less, total)).toBeLessThanOrEqual(percentOf(more, total));
      }),
    );
  });

  it('[UI7] puts the right word behind a count', () => {
    expect(counted(1, 'file', 'files')).toBe('1 file');
    expect(counted(1_200, 'file', 'files')).toBe('1,200 files');
  });
});

describe('a name within a sentence', () => {
  it.each([
    ['notes.txt', 'notes.txt'],
    ['a'.repeat(48), 'a'.repeat(48)],
    [`${'a'.repeat(60)}.mov.zip`, `${'a'.repeat(31)}…${'a'.repeat(8)}.mov.zip`],
    ['😀'.repeat(60), `${'😀'.repeat(31)}…${'😀'.repeat(16)}`],
    ['holiday\u202egpj.exe', 'holiday\ufffdgpj.exe'],
  ])('[UI4] is short, whatever it is: %j', (name, text) => {
    expect(nameInSentence(name)).toBe(text);
  });
});
