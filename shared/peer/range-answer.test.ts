import { describe, expect, test } from 'vitest';
import { rangeTroubleOf, retryMsOf } from './range-answer.ts';

const ORDER = { url: 'https://mirror.example/a', from: 100, length: 50, size: 1_000 };
const TODAY = Date.UTC(2026, 10, 27);

function head(status: number, headers: Readonly<Record<string, string>>, seesAll = true) {
  return { status, seesAll, header: (name: string) => headers[name] ?? null };
}

describe('[WS3] the head of an answer', () => {
  test.each([
    [{ 'content-range': 'bytes 100-149/1000' }],
    [{ 'content-range': 'bytes 100-149/*' }],
    [{ 'content-range': 'BYTES 100-999/1000', 'content-encoding': 'Identity' }],
  ])('[WS3] %j is the range', (headers) => {
    expect(rangeTroubleOf(ORDER, head(206, headers))).toBeNull();
  });

  test.each([
    [{ 'content-range': 'bytes 0-149/1000' }, 'no-ranges'],
    [{ 'content-range': 'bytes 100-148/1000' }, 'no-ranges'],
    [{ 'content-range': 'bytes 100-149/1001' }, 'other-size'],
    [{ 'content-range': 'bytes -149/1000' }, 'no-ranges'],
    [{ 'content-range': 'bytes 100-99999999999999999/1000' }, 'no-ranges'],
    [{ 'content-range': 'items 100-149/1000' }, 'no-ranges'],
    [{ 'content-range': 'bytes 100-149/1000', 'content-encoding': 'br' }, 'no-ranges'],
    [{}, 'no-ranges'],
  ])('[WS3] %j is not: %s', (headers, why) => {
    expect(rangeTroubleOf(ORDER, head(206, headers))).toBe(why);
  });

  test('[WS3] in a browser, which hides the place, goes by its length', () => {
    expect(rangeTroubleOf(ORDER, head(206, { 'content-length': '50' }, false))).toBeNull();
    expect(rangeTroubleOf(ORDER, head(206, {}, false))).toBeNull();
    expect(rangeTroubleOf(ORDER, head(206, { 'content-length': '51' }, false))).toBe('no-ranges');
  });

  test('[WS3] of the whole file does where it begins with the first byte', () => {
    expect(rangeTroubleOf({ ...ORDER, from: 0 }, head(200, { 'content-length': '1000' }))).toBeNull();
    expect(rangeTroubleOf({ ...ORDER, from: 0 }, head(200, {}))).toBeNull();
    expect(rangeTroubleOf(ORDER, head(200, { 'content-length': '1000' }))).toBe('no-ranges');
    expect(rangeTroubleOf({ ...ORDER, from: 0 }, head(200, { 'content-length': '999' }))).toBe('other-size');
  });

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
    expect(retryMsOf(head(503, { 'retry-after': text }), TODAY)).toBe(ms);
  });
});
