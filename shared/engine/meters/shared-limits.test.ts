/** Several shares of one tab under one limit: their machines draw from parts of the same buckets. */
import { describe, expect, test } from 'vitest';
import { testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import { TimedLab } from '../testing/timed-lab.ts';
import { TokenBucket } from './token-bucket.ts';

const RATE = 1_200_000;
const SECONDS = 10;
const NONE = { kind: 'limits-changed', up: null, down: null, peerUp: null, peerDown: null } as const;

interface Pair {
  readonly seed: LabMachine;
  readonly leecher: LabMachine;
}

/** Three shares of one tab, each with somebody to give to or to take from. */
function tab(lab: TimedLab, direction: 'up' | 'down'): Pair[] {
  const limits = { up: new TokenBucket(), down: new TokenBucket() };
  const pairs = [1, 2, 3].map((nth) => {
    const share = makeShare({ pieces: evenPieces(80, 250_000), seed: nth });
    const [up, down] = direction === 'up' ? [{ limits }, {}] : [{}, { limits }];
    const seed = lab.machine({ id: testPeer(nth * 2), share, as: 'seed', ...up });
    const leecher = lab.machine({ id: testPeer(nth * 2 + 1), share, as: 'knows', ...down });
    lab.join(seed, leecher);
    return { seed, leecher };
  });
  for (const { seed, leecher } of pairs) {
    (direction === 'up' ? seed : leecher).tell({ ...NONE, [direction]: RATE });
  }
  return pairs;
}

/** Bytes a second that each gets, after a warm-up. */
function rates(lab: TimedLab, pairs: readonly Pair[]): number[] {
  lab.advance(1_500);
  const since = lab.now;
  lab.advance(SECONDS * 1_000);
  return pairs.map(({ leecher }) => lab.received({ to: leecher }, since) / SECONDS);
}

describe.each(['up', 'down'] as const)('[RL3] shares that %s within one limit', (direction) => {
  test(`[RL3] ${direction}, all of them together, and each its part`, () => {
    const lab = new TimedLab(1);
    const pairs = tab(lab, direction);
    for (const { leecher } of pairs) leecher.tell({ kind: 'download-requested' });
    for (const rate of rates(lab, pairs)) {
      expect(rate / RATE).toBeGreaterThan(0.95 / 3);
      expect(rate / RATE).toBeLessThan(1.05 / 3);
    }
  });

  test(`[RL3] ${direction}, what one does not use the others have`, () => {
    const lab = new TimedLab(1);
    const pairs = tab(lab, direction);
    for (const { leecher } of pairs) leecher.tell({ kind: 'download-requested' });
    lab.advance(3_000);
    pairs[0]!.leecher.tell({ kind: 'download-paused' });
    const [idle, ...others] = rates(lab, pairs) as [number, number, number];
    expect(idle).toBe(0);
    for (const rate of others) {
      expect(rate / RATE).toBeGreaterThan(0.95 / 2);
      expect(rate / RATE).toBeLessThan(1.05 / 2);
    }
    // It has saved nothing up meanwhile.
    pairs[0]!.leecher.tell({ kind: 'download-requested' });
    for (const rate of rates(lab, pairs)) expect(rate / RATE).toBeLessThan(1.05 / 3);
  });
});

describe('[RL3] parts of a bucket', () => {
  /** What each draws in 20 s, in blocks of its own size, when it looks as often as it is told to. */
  function drawn(blocks: readonly number[], order: (nth: number) => number): number[] {
    const whole = new TokenBucket(100_000);
    const parts = blocks.map((block) => ({ bucket: whole.part(), block, bytes: 0, lookAt: 0 }));
    for (let now = 0; now < 20_000; now++) {
      for (let nth = 0; nth < parts.length; nth++) {
        const part = parts[order(nth)]!;
        if (now < part.lookAt) continue;
        part.lookAt = part.bucket.claim(now);
        if (part.lookAt > now) continue;
        part.bucket.take(part.block, now);
        part.bytes += part.block;
      }
    }
    return parts.map(({ bytes }) => bytes);
  }

  test.each([
    [[65_536, 65_536, 65_536], (nth: number) => nth],
    [[65_536, 16_384], (nth: number) => nth],
    [[16_384, 65_536], (nth: number) => 1 - nth],
  ])('[RL3] draw alike, whatever their blocks and whoever looks first: %j', (blocks, order) => {
    const all = drawn(blocks, order);
    const sum = all.reduce((total, bytes) => total + bytes, 0);
    expect(Math.abs(sum - 2_000_000)).toBeLessThan(70_000);
    for (const bytes of all) expect(Math.abs(bytes - sum / all.length)).toBeLessThanOrEqual(65_536);
  });

  test('[RL3] who has the first claim and does not use it holds nobody up for longer than the burst lasts', () => {
    const whole = new TokenBucket(100_000);
    const [asker, other] = [whole.part(), whole.part()];
    other.take(10_000, 0);
    expect(asker.claim(0)).toBe(100);
    expect(other.claim(0)).toBe(100);
    expect(asker.isOpen(100)).toBe(true);
    expect(other.isOpen(100)).toBe(false);
    expect(other.claim(100)).toBeLessThanOrEqual(105);
    expect(other.isOpen(121)).toBe(true);
  });

  test('[RL3] who has drawn claims nothing before it asks again', () => {
    const whole = new TokenBucket(100_000);
    const [asker, other] = [whole.part(), whole.part()];
    other.take(10_000, 0);
    expect(asker.claim(0)).toBe(100);
    asker.take(100, 100);
    expect(other.isOpen(101)).toBe(true);
  });
});
