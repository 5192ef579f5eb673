/** The estimate of a path, beside a model of one: requests are sent there, wait, and are answered at the path's rate. */
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../limits.ts';
import { BandwidthDelay } from './bandwidth-delay.ts';
import type { Mark } from './bandwidth-delay.ts';

const LEAST = 2 * BLOCK_BYTES;
const FIRST = 4 * BLOCK_BYTES;
const MIB = 2 ** 20;

/** A sender at the other end of a path, asked for as much as the estimate says. */
class ModelPath {
  /** Bytes per ms; ms there and back. */
  rate: number;
  way: number;
  now = 0;
  most = 0;
  came = 0;
  readonly estimate = new BandwidthDelay();
  #asked = 0;
  #sentAt = 0;
  readonly #coming: { readonly mark: Mark; readonly at: number }[] = [];

  constructor(mbPerSecond: number, way: number) {
    this.rate = mbPerSecond * 1_000;
    this.way = way;
  }

  get room(): number {
    return this.estimate.room(this.now, LEAST, this.rate) ?? FIRST;
  }

  /** So many ms; what comes is taken in every `intake` ms alone. */
  run(ms: number, intake = 0): void {
    const end = this.now + ms;
    let nextLook = this.now;
    for (this.#ask(); this.now < end; this.#ask()) {
      const next = this.#coming[0]?.at ?? end;
      this.now = Math.min(end, Math.max(next, nextLook, this.now));
      nextLook = this.now + intake;
      while ((this.#coming[0]?.at ?? Infinity) <= this.now) this.#take();
    }
  }

  #take(): void {
    const first = this.#coming.shift();
    if (first === undefined) return;
    this.estimate.came(BLOCK_BYTES, first.mark, this.now);
    this.#asked -= BLOCK_BYTES;
    this.came += BLOCK_BYTES;
    this.#ask();
  }

  #ask(): void {
    while (this.#asked < this.room) {
      const mark = this.estimate.asked(this.#asked, this.now);
      this.#asked += BLOCK_BYTES;
      this.#sentAt = Math.max(this.#sentAt, this.now + this.way / 2) + BLOCK_BYTES / this.rate;
      this.#coming.push({ mark, at: this.#sentAt + this.way / 2 });
      this.most = Math.max(this.most, this.#asked);
    }
  }
}

/** Twice what is in the pipe and a quarter of a second, beyond four blocks at most the pipe and 40 ms; in bytes. */
function ideal({ rate, way }: ModelPath): number {
  const pipe = rate * way + BLOCK_BYTES;
  return Math.max(LEAST, Math.min(2 * pipe - BLOCK_BYTES + rate * 250, Math.max(FIRST, pipe + rate * 40)));
}

describe('[RQ2] what a path holds', () => {
  test.each([
    [0.05, 40],
    [1, 1],
    [1, 200],
    [5, 40],
    [40, 1],
    [40, 40],
    [40, 100],
    [20, 200],
  ])('[RQ2] is found at %f MB/s and %i ms there and back, and kept', (mbPerSecond, way) => {
    const path = new ModelPath(mbPerSecond, way);
    path.run(8_000);
    expect(path.room / ideal(path)).toBeGreaterThan(0.9);
    expect(path.room / ideal(path)).toBeLessThan(1.1);
    expect(path.most / Math.max(FIRST, ideal(path))).toBeLessThan(1.35);
    // The way is looked at again meanwhile: that takes half a round trip of each 20 s.
    const before = path.came;
    path.run(60_000);
    expect((path.came + BLOCK_BYTES - before) / (path.rate * 60_000)).toBeGreaterThan(0.98);
    expect(path.room / ideal(path)).toBeLessThan(1.3);
  });

  test('[RQ2] grows by a third at least with each round trip until the path is full, and hardly beyond', () => {
    const path = new ModelPath(40, 200);
    const came: number[] = [];
    for (let trip = 0; trip < 16; trip++) {
      const before = path.came;
      path.run(200);
      came.push(path.came - before);
    }
    const full = path.rate * 200;
    for (const [trip, bytes] of came.slice(2).entries())
      expect(bytes).toBeGreaterThan(Math.min(0.95 * full, FIRST * 1.33 ** trip));
    expect(came.at(-1)).toBeGreaterThan(0.95 * full);
    expect(path.most).toBeLessThan(1.6 * full);
  });

  test('[RQ2] is little where the way is short: what a fast source sends in 40 ms, not in a quarter of a second', () => {
    const path = new ModelPath(40, 1);
    path.run(30_000);
    expect(path.most).toBeLessThan(2 * MIB);
  });

  test('[RQ2] of blocks that are taken in late, many at a time, is no more', () => {
    const path = new ModelPath(40, 2);
    path.run(20_000, 40);
    expect(path.most).toBeLessThan(2 * 2 * MIB);
  });

  test.each([
    [40, 4],
    [4, 40],
  ])('[RQ2] follows a rate that jumps from %i MB/s to %i', (before, after) => {
    const path = new ModelPath(before, 80);
    path.run(10_000);
    path.rate = after * 1_000;
    path.run(6_000);
    expect(path.room / ideal(path)).toBeGreaterThan(0.85);
    expect(path.room / ideal(path)).toBeLessThan(1.5);
  });

  test('[RQ2] follows a way that becomes longer or shorter, within the time for which it is held', () => {
    const path = new ModelPath(20, 20);
    path.run(10_000);
    path.way = 400;
    path.run(30_000);
    const before = path.came;
    path.run(10_000);
    expect((path.came - before) / (path.rate * 10_000)).toBeGreaterThan(0.95);
    path.way = 20;
    path.run(30_000);
    expect(path.room / ideal(path)).toBeLessThan(1.3);
  });

  test.each([
    [20, 120],
    [20, 400],
    [60, 200],
  ])(
    '[RQ2] follows a way that grows from %i to %i ms within seconds, as when others fill the line',
    (from, to) => {
      const path = new ModelPath(10, from);
      path.run(10_000);
      path.way = to;
      path.run(6_000 + 20 * to);
      const before = path.came;
      path.run(4_000);
      expect((path.came - before) / (path.rate * 4_000)).toBeGreaterThan(0.85);
    },
  );

  test('[RQ2] is known by answers in any order as well', () => {
    const estimate = new BandwidthDelay();
    const marks = Array.from({ length: 16 }, (_, nth) => estimate.asked(nth * BLOCK_BYTES, 0));
    for (const [nth, mark] of marks.reverse().entries()) estimate.came(BLOCK_BYTES, mark, 100 + 10 * nth);
    // 1 MiB in 250 ms, and the first of them after 100 ms.
    expect(estimate.room(250, LEAST, MIB / 250)! / (0.4 * MIB + 0.16 * MIB)).toBeCloseTo(1, 1);
  });
});
