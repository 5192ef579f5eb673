import { describe, expect, test } from 'vitest';
import { rangeTroubleOf } from './range-answer.ts';

const ORDER = { url: 'https://mirror.example/a', from: 100, length: 50, size: 1_000 };

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

  const validator = '"a"';
  const part = { 'content-range': 'bytes 100-149/1000' };
  test.each<[string, number, Record<string, string>, ReturnType<typeof rangeTroubleOf>]>([
    ['the part of the file that is meant', 206, { ...part, etag: '"a"' }, null],
    ['a part, and does not say of which', 206, part, null],
    ['a part of another one', 206, { ...part, etag: '"b"' }, 'changed'],
    ['the whole of another one', 200, { etag: '"b"', 'content-length': '1000' }, 'changed'],
    ['the whole, and does not say of which', 200, { 'content-length': '1000' }, 'changed'],
    ['the whole of the one that is meant, as it knows no ranges', 200, { etag: '"a"' }, 'no-ranges'],
    ['that it does not know', 404, { etag: '"b"' }, 'refused'],
  ])('[WS12] sends %s', (_, status, headers, why) => {
    expect(rangeTroubleOf({ ...ORDER, validator }, head(status, headers))).toBe(why);
  });

  test('[WS12] in a browser, which cannot say what it means, is of another file where it says so itself', () => {
    const order = { ...ORDER, validator: 'Mon, 23 Nov 2026 08:00:00 GMT' };
    const trouble = (status: number, lastModified: string | null): unknown =>
      rangeTroubleOf(
        order,
        head(status, lastModified === null ? {} : { 'last-modified': lastModified }, false),
      );
    expect(trouble(206, order.validator)).toBeNull();
    expect(trouble(206, null)).toBeNull();
    expect(trouble(206, 'Tue, 24 Nov 2026 08:00:00 GMT')).toBe('changed');
    expect(trouble(200, order.validator)).toBe('no-ranges');
    expect(trouble(200, null)).toBe('no-ranges');
  });
});
