import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  byteCountOf,
  changeMarksOf,
  contentRangeOf,
  isEncoded,
  retryMsOf,
  unsatisfiedSizeOf,
} from './headers.ts';
import type { HeaderOf } from './headers.ts';
import { compared, validatorOf } from './validator.ts';

const TODAY = Date.UTC(2026, 10, 27);
const MONDAY = 'Mon, 23 Nov 2026 08:00:00 GMT';

function headers(known: Readonly<Record<string, string>>): HeaderOf {
  return (name) => known[name] ?? null;
}

describe('[WS11] a number of bytes', () => {
  test.each([
    ['0', 0],
    ['300000', 300_000],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('[WS11] %s is one', (text, bytes) => expect(byteCountOf(text)).toBe(bytes));

  test.each([
    '',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    ' 5',
    '5, 5',
    '5,6',
    '9007199254740992',
    '18446744073709551616',
    '٣',
    null,
  ])('[WS11] %j is none', (text) => expect(byteCountOf(text)).toBeNull());
});

describe('[WS11] the place of a range', () => {
  test.each([
    ['bytes 0-0/1', { first: 0, last: 0, total: 1 }],
    ['Bytes 5-9/*', { first: 5, last: 9, total: null }],
    [
      'bytes 0-9007199254740990/9007199254740991',
      { first: 0, last: 9_007_199_254_740_990, total: Number.MAX_SAFE_INTEGER },
    ],
  ])('[WS11] %s is one', (text, place) => expect(contentRangeOf(text)).toEqual(place));

  test.each([
    ...[
      '',
      'bytes',
      'bytes 0-0',
      'bytes 5-4/10',
      'bytes 0-10/10',
      'bytes -5/10',
      'bytes 0-/10',
      'bytes */10',
      'items 0-0/1',
    ],
    ...[
      'bytes 0-0/9007199254740992',
      'bytes 0-9007199254740992/*',
      'bytes 0-0/1, bytes 0-0/2',
      'bytes=0-0/1',
      'bytes 0-0/-1',
    ],
  ])('[WS11] %j is none', (text) => expect(contentRangeOf(text)).toBeNull());

  test('[WS11] that is not there says how much is', () => {
    expect(['bytes */0', 'bytes */77', 'bytes */*', 'bytes 0-0/1', null].map(unsatisfiedSizeOf)).toEqual([
      0,
      77,
      null,
      null,
      null,
    ]);
  });
});

describe('[WS11] an encoding', () => {
  test.each([
    [{}, false],
    [{ 'content-encoding': ' Identity ' }, false],
    [{ 'content-encoding': 'gzip' }, true],
    [{ 'content-encoding': 'identity, br' }, true],
  ])('[WS11] in %j: %s', (known, is) => expect(isEncoded(headers(known))).toBe(is));
});

describe('[WS12] what tells a file from the next', () => {
  test.each(['"a"', 'W/"a"', '""', '"ÿ"'])('[WS12] is the tag %s', (etag) => {
    expect(changeMarksOf(headers({ etag }))).toEqual({ etag, lastModified: null });
  });

  test.each(['a', '"a', '"a"b"', '"a", "b"', '"a\u0000"', '"ā"', 'w/"a"', `"${'a'.repeat(600)}"`])(
    '[WS12] is not %j',
    (etag) => {
      expect(changeMarksOf(headers({ etag })).etag).toBeNull();
    },
  );

  test.each([
    'yesterday',
    '0',
    'Mon, 99 Nov 2026 08:00:00 GMT',
    'Monday, 23-Nov-26 08:00:00 GMT',
    `${MONDAY}, ${MONDAY}`,
  ])('[WS12] is not the date %s', (date) =>
    expect(changeMarksOf(headers({ 'last-modified': date })).lastModified).toBeNull(),
  );

  test('[WS12] is a date, unless the file may change in that second again', () => {
    const lastModified = (date: string): string | null =>
      changeMarksOf(headers({ 'last-modified': MONDAY, date })).lastModified;
    expect(changeMarksOf(headers({ 'last-modified': MONDAY })).lastModified).toBe(MONDAY);
    expect(lastModified('Mon, 23 Nov 2026 08:00:01 GMT')).toBe(MONDAY);
    expect(lastModified(MONDAY)).toBeNull();
    expect(lastModified('nonsense')).toBe(MONDAY);
  });

  test('[WS12] is the strong tag, or the date', () => {
    expect(validatorOf({ etag: '"a"', lastModified: MONDAY })).toBe('"a"');
    expect(validatorOf({ etag: 'W/"a"', lastModified: MONDAY })).toBe(MONDAY);
    expect(validatorOf({ etag: null, lastModified: MONDAY })).toBe(MONDAY);
    expect(validatorOf({ etag: 'W/"a"', lastModified: null })).toBeNull();
  });

  test.each([
    ['"a"', { etag: '"a"' }, 'same'],
    ['"a"', { etag: 'W/"a"' }, 'same'],
    ['"a"', { etag: '"b"', 'last-modified': MONDAY }, 'other'],
    ['"a"', { 'last-modified': MONDAY }, 'unsaid'],
    [MONDAY, { 'last-modified': MONDAY, etag: '"b"' }, 'same'],
    [MONDAY, { 'last-modified': 'Tue, 24 Nov 2026 08:00:00 GMT' }, 'other'],
    [MONDAY, {}, 'unsaid'],
  ])('[WS12] of %s says %j: %s', (validator, known, found) => {
    expect(compared(validator, headers(known))).toBe(found);
  });
});

describe('[WS3] when a server wants to be asked again', () => {
  test.each([
    ['7', 7_000],
    [' 120 ', 120_000],
    ['Fri, 27 Nov 2026 00:00:30 GMT', 30_000],
    ['Thu, 26 Nov 2026 00:00:30 GMT', 0],
    ['999999999', 3_600_000],
    ['soon', 0],
    ['-5', 0],
    ['', 0],
  ])('[WS3] Retry-After: %j waits for %i ms', (text, ms) => {
    expect(retryMsOf({ header: headers({ 'retry-after': text }) }, TODAY)).toBe(ms);
  });
});

test('[WS11] every header has a value, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const header: HeaderOf = () => text;
      const bytes = byteCountOf(text);
      expect(bytes === null || Number.isSafeInteger(bytes)).toBe(true);
      contentRangeOf(text);
      isEncoded(header);
      changeMarksOf(header);
      expect(retryMsOf({ header }, TODAY)).toBeGreaterThanOrEqual(0);
    }),
  );
});
