import { describe, expect, test } from 'vitest';
import { SpareFrames } from './spare-frames.ts';

describe('[PN3] buffers that are used again', () => {
  test('have the size that is asked for, and are given out once', () => {
    const spare = new SpareFrames();
    const [large, small] = [new ArrayBuffer(65_549), new ArrayBuffer(20)];
    spare.keep([large, small]);
    expect(spare.take(65_549).buffer).toBe(large);
    const fresh = spare.take(65_549);
    expect(fresh.buffer).not.toBe(large);
    expect([fresh.length, spare.take(20).buffer === small]).toEqual([65_549, true]);
  });

  test('are sixteen at most, the latest', () => {
    const spare = new SpareFrames();
    const buffers = Array.from({ length: 20 }, () => new ArrayBuffer(8));
    for (const buffer of buffers) spare.keep([buffer]);
    const taken = Array.from({ length: 20 }, () => spare.take(8).buffer);
    expect(taken.filter((buffer) => buffers.includes(buffer))).toEqual(buffers.slice(4).reverse());
  });
});
