/** The bucket alone, on a clock of the test: what passes in a time, what a pause is worth, what a change does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../limits.ts';
import { TokenBucket } from './token-bucket.ts';

const START = 1_000_000;
/** What a pause may be worth, in ms of the rate. */
const BURST_MS = 50;

/** Takes blocks as soon as they may be taken from `from` until `to`; how many bytes that were. */
function takeAllowed(bucket: TokenBucket, from: number, to: number, block = BLOCK_BYTES): number {
  let taken = 0;
  let now = from;
  while (now < to) {
    if (bucket.isOpen(now)) {
      bucket.take(block, now);
      taken += block;
    } else now = bucket.claim(now);
  }
  return taken;
}

describe('[RL1] a limit', () => {
  test.each([
    [65_536, 16_384],
    [256_000, BLOCK_BYTES],
    [1_000_000, BLOCK_BYTES],
    [5_000_000, BLOCK_BYTES],
    [1_000_000, 1_000_000],
  ])('[RL1] of %i bytes a second lets exactly that pass in blocks of %i', (rate, block) => {
    const bucket = new TokenBucket(rate);
    const taken = takeAllowed(bucket, START, START + 100_000, block);
    // The last block is paid afterwards, and its share of the time is rounded up to a whole ms.
    expect(taken).toBeGreaterThan(rate * 100 * 0.998);
    expect(taken).toBeLessThanOrEqual(rate * 100 + block);
  });

  test('[RL1] of null stops nothing and keeps no account', () => {
    const bucket = new TokenBucket();
    bucket.take(1e9, START);
    expect(bucket.isOpen(START)).toBe(true);
    expect(bucket.claim(START)).toBe(START);
  });

  test('[RL1] of nothing lets nothing pass, not even a first block', () => {
    const bucket = new TokenBucket(0);
    expect(bucket.isOpen(START)).toBe(false);
    expect(bucket.claim(START)).toBe(Infinity);
    expect(bucket.isOpen(START + 1e9)).toBe(false);
  });

  test('[RL1] is open again exactly when the overdraft is paid', () => {
    const bucket = new TokenBucket(100_000);
    bucket.take(250_000, START);
    expect(bucket.claim(START)).toBe(START + 2_500);
    expect(bucket.isOpen(START + 2_499)).toBe(false);
    expect(bucket.claim(START + 2_499)).toBe(START + 2_500);
    expect(bucket.isOpen(START + 2_500)).toBe(true);
    expect(bucket.claim(START + 2_500)).toBe(START + 2_500);
  });

  test('[RL1] makes up for a pause of any length with 50 ms of the rate', () => {
    const bucket = new TokenBucket(1_000_000);
    bucket.take(1_000, START);
    const later = START + 3_600_000;
    expect(takeAllowed(bucket, later, later + 1, 1_000)).toBe(51_000);
    expect(bucket.isOpen(later)).toBe(false);
  });

  test('[RL1] whatever is taken when: never more than the rate, 50 ms of it and one overdraft', () => {
    const rate = fc.integer({ min: 1_000, max: 10_000_000 });
    const step = fc.record({ wait: fc.nat(2_000), bytes: fc.integer({ min: 1, max: 1_000_000 }) });
    const property = fc.property(rate, fc.array(step, { minLength: 1, maxLength: 60 }), (limit, steps) => {
      const bucket = new TokenBucket(limit);
      let now = START;
      let taken = 0;
      let largest = 0;
      for (const { wait, bytes } of steps) {
        now += wait;
        if (!bucket.isOpen(now)) continue;
        bucket.take(bytes, now);
        taken += bytes;
        largest = Math.max(largest, bytes);
        expect(taken).toBeLessThanOrEqual((limit * (now - START + BURST_MS)) / 1_000 + largest + 1e-3);
      }
    });
    fc.assert(property);
  });

  test('[RL1] what was taken and not used is free again', () => {
    const bucket = new TokenBucket(100_000);
    bucket.take(100_000, START);
    bucket.refund(100_000);
    expect(bucket.isOpen(START)).toBe(true);
    // But it is no store for later.
    bucket.refund(1e9);
    expect(takeAllowed(bucket, START, START + 1, 1_000)).toBeLessThanOrEqual(6_000);
  });
});

describe('[RL2] a change', () => {
  test.each([
    [256_000, 1_000_000],
    [5_000_000, 256_000],
  ])('[RL2] from %i to %i bytes a second holds at once and exactly', (before, after) => {
    const bucket = new TokenBucket(before);
    takeAllowed(bucket, START, START + 10_000);
    const change = START + 10_000;
    bucket.setRate(after, change);
    expect(bucket.rate).toBe(after);
    const taken = takeAllowed(bucket, change, change + 10_000);
    expect(Math.abs(taken / (after * 10) - 1)).toBeLessThan(0.03);
  });

  test('[RL2] the overdraft of the old rate is paid at the new one', () => {
    const bucket = new TokenBucket(1_000_000);
    bucket.take(100_000, START);
    bucket.setRate(10_000, START + 50);
    expect(bucket.claim(START + 50)).toBe(START + 50 + 5_000);
  });

  test('[RL2] a limit that is lifted is no limit, and leaves no debt and no savings behind', () => {
    const bucket = new TokenBucket(10_000);
    bucket.take(1_000_000, START);
    bucket.setRate(null, START);
    expect(bucket.isOpen(START)).toBe(true);
    bucket.take(1_000_000, START + 1);
    bucket.setRate(10_000, START + 60_000);
    expect(takeAllowed(bucket, START + 60_000, START + 60_001, 1_000)).toBeLessThanOrEqual(1_000);
  });

  test('[RL2] of a limit of nothing to another rate goes on at that rate', () => {
    const bucket = new TokenBucket(0);
    bucket.setRate(100_000, START + 60_000);
    const taken = takeAllowed(bucket, START + 60_000, START + 70_000, 1_000);
    expect(Math.abs(taken / 1_000_000 - 1)).toBeLessThan(0.01);
  });
});
