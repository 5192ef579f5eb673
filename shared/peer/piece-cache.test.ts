import { describe, expect, test } from 'vitest';
import { PieceCache } from './piece-cache.ts';

/** Pieces of so many bytes that were read together. */
function windowOf(pieces: number, bytes: number): Uint8Array<ArrayBuffer>[] {
  const window = new Uint8Array(pieces * bytes);
  return Array.from({ length: pieces }, (_, at) => window.subarray(at * bytes, (at + 1) * bytes));
}

describe('[SO2] pieces that are kept', () => {
  test('are at most so many bytes, the one that was used last at the end of them', () => {
    const cache = new PieceCache(300);
    for (const key of ['a', 'b', 'c']) cache.add(key, new Uint8Array(100));
    cache.get('a');
    cache.add('d', new Uint8Array(100));
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test('keep all that was read with them in memory, and are counted so', () => {
    const cache = new PieceCache(1_000);
    const windows = Array.from({ length: 10 }, () => windowOf(4, 100));
    // One piece of each stays in use.
    for (const [nth, window] of windows.entries())
      for (const [at, piece] of window.entries()) {
        cache.add(`${nth}/${at}`, piece);
        for (let before = 0; before < nth; before++) cache.get(`${before}/0`);
      }
    const kept = windows.flatMap((window, nth) =>
      window.filter((_, at) => cache.get(`${nth}/${at}`) !== undefined),
    );
    const buffers = new Set(kept.map(({ buffer }) => buffer));
    expect([...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThanOrEqual(1_000);
    expect(buffers.size).toBeGreaterThan(1);
  });

  test('that lie in one buffer are there together', () => {
    const cache = new PieceCache(1_000);
    for (const [at, piece] of windowOf(10, 100).entries()) cache.add(`${at}`, piece);
    expect(Array.from({ length: 10 }, (_, at) => cache.get(`${at}`)?.length)).toEqual(Array(10).fill(100));
    cache.add('another', new Uint8Array(1));
    expect(cache.get('9')).toBeUndefined();
    expect(cache.get('another')).toHaveLength(1);
  });

  test('that are read anew count once, and what is larger than all of it stays alone', () => {
    const cache = new PieceCache(200);
    for (let time = 0; time < 5; time++) cache.add('a', new Uint8Array(100));
    cache.add('b', new Uint8Array(100));
    expect([cache.get('a')?.length, cache.get('b')?.length]).toEqual([100, 100]);
    cache.add('c', new Uint8Array(500));
    expect(['a', 'b', 'c'].map((key) => cache.get(key)?.length)).toEqual([undefined, undefined, 500]);
  });
});
