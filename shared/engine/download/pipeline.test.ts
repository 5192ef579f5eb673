/** The pipeline of one source by itself: how much it holds, and when silence is too long. Time is the test's. */
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_LATE_REQUESTS } from '../../limits.ts';
import { Bitfield } from '../../bitfield.ts';
import { PieceLedger } from '../pieces/ledger.ts';
import type { Assembly } from '../pieces/ledger.ts';
import { Pipeline } from './pipeline.ts';

const START = 1_000_000;
const PIECE_BYTES = 64 * BLOCK_BYTES;

function assembly(): Assembly {
  const pieces = [{ sha256: '0'.repeat(64), size: PIECE_BYTES }];
  return new PieceLedger(pieces, Bitfield.empty(1), (bytes) => new Uint8Array(bytes)).begin(0);
}

/** A source that was met at `START`, and what the test lets it do. */
class Bench {
  now = START;
  readonly pipeline = new Pipeline(START);
  readonly #assembly = assembly();
  #keys = 0;

  /** Asks for blocks of so many bytes; answers their keys. */
  ask(count = 1, bytes = BLOCK_BYTES): number[] {
    const cells = bytes / BLOCK_GRID_BYTES;
    return Array.from({ length: count }, () => {
      const key = ++this.#keys;
      this.pipeline.add(key, { assembly: this.#assembly, cell: 0, cells, length: bytes, at: this.now });
      return key;
    });
  }

  answer(key: number): void {
    const asked = this.pipeline.get(key)!;
    this.pipeline.blockCame(asked.length, key, this.now);
    this.pipeline.remove(key);
  }

  /** So many blocks, each after `ms`. */
  stream(blocks: number, ms: number, bytes = BLOCK_BYTES): void {
    for (let nth = 0; nth < blocks; nth++) {
      const [key] = this.ask(1, bytes);
      this.now += ms;
      this.answer(key!);
    }
  }

  /** So often so many blocks at once, `ms` after they were asked for. */
  flood(times: number, blocks: number, ms: number): void {
    for (let nth = 0; nth < times; nth++) {
      const keys = this.ask(blocks);
      this.now += ms;
      for (const key of keys) this.answer(key);
    }
  }

  get waits(): number {
    return this.pipeline.deadline(false) - this.now;
  }
}

describe('[RQ2] how much a pipeline holds', () => {
  test('[RQ2] of a source that is not known yet is four blocks', () => {
    expect(new Bench().pipeline.room(PIECE_BYTES)).toBe(4 * BLOCK_BYTES);
  });

  test('[RQ2] is what the source sends in two round trips and a quarter of a second, up to four blocks', () => {
    const fast = new Bench();
    fast.stream(100, 50);
    expect(fast.pipeline.room(PIECE_BYTES)).toBe(4 * BLOCK_BYTES);
    const slower = new Bench();
    slower.stream(100, 100);
    // 655 KB/s for 350 ms: what it takes to send the block is no way.
    expect(slower.pipeline.room(PIECE_BYTES) / 229_376).toBeCloseTo(1, 5);
    const slow = new Bench();
    slow.stream(20, 1_000);
    expect(slow.pipeline.room(PIECE_BYTES)).toBeLessThanOrEqual(3 * BLOCK_BYTES);
  });

  test('[RQ2] of a source beyond that is what it sends in a round trip and 40 ms, up to 16 MiB', () => {
    const near = new Bench();
    near.flood(50, 16, 20);
    expect(near.pipeline.room(PIECE_BYTES) / ((16 + 32) * BLOCK_BYTES)).toBeCloseTo(1, 5);
    const wild = new Bench();
    wild.flood(10, 400, 500);
    expect(wild.pipeline.room(PIECE_BYTES)).toBe(16_777_216);
  });

  test('[RQ2] in a new turn is no more than a piece, until its first block', () => {
    const bench = new Bench();
    bench.stream(1_000, 5);
    const room = bench.pipeline.room(262_144);
    expect(room).toBeGreaterThan(500_000);
    bench.pipeline.turnBegan();
    expect(bench.pipeline.room(300_000)).toBe(300_000);
    bench.stream(1, 5);
    expect(bench.pipeline.room(300_000)).toBeGreaterThan(500_000);
  });

  test.each([
    [1_900, BLOCK_BYTES],
    [2_100, BLOCK_GRID_BYTES],
    [32_000, BLOCK_GRID_BYTES],
  ])('[RQ1] of a source that takes %i ms for 64 KiB is asked for in blocks of %i bytes', (ms, bytes) => {
    const bench = new Bench();
    bench.stream(4, ms);
    expect(bench.pipeline.blockBytes).toBe(bytes);
    expect(bench.pipeline.room(PIECE_BYTES)).toBeGreaterThanOrEqual(2 * bytes);
  });

  test('[RQ2] goes by the time in which something is asked for, however long the pauses', () => {
    const [steady, paused] = [new Bench(), new Bench()];
    for (let nth = 0; nth < 40; nth++) {
      steady.stream(1, 100);
      paused.stream(1, 100);
      paused.now += 30_000;
    }
    expect(paused.pipeline.pace).toBe(steady.pipeline.pace);
    expect(paused.pipeline.pace / 655_360).toBeCloseTo(1, 5);
  });
});

describe('[RQ5] silence', () => {
  test('[RQ5] is too long after 10 s before the first block, and never while nothing is asked for', () => {
    const bench = new Bench();
    expect(bench.pipeline.deadline(false)).toBe(Infinity);
    bench.now += 60_000;
    bench.ask(4);
    expect(bench.waits).toBe(10_000);
  });

  test.each([
    [50, 4_000],
    [1_500, 12_000],
    [8_000, 40_000],
    [60_000, 120_000],
  ])('[RQ5] of a source that takes %i ms for a block is too long after %i ms', (ms, patience) => {
    const bench = new Bench();
    bench.stream(6, ms);
    bench.ask();
    expect(bench.waits).toBe(patience);
  });

  test('[RQ5] is counted from the last block, and from the oldest request', () => {
    const bench = new Bench();
    bench.stream(10, 50);
    const [first] = bench.ask(3);
    bench.now += 3_000;
    expect(bench.waits).toBe(1_000);
    bench.answer(first!);
    expect(bench.waits).toBe(bench.pipeline.deadline(false) - bench.now);
    expect(bench.waits).toBeGreaterThan(3_900);
  });

  test('[RQ5] is waited for a minute where nobody else could send it', () => {
    const bench = new Bench();
    bench.ask();
    expect(bench.pipeline.deadline(true) - bench.now).toBe(60_000);
    bench.pipeline.partCame(20_000);
    expect(bench.pipeline.deadline(true) - bench.now).toBe(80_000);
  });

  test('[RQ5] is none while a block grows by a kilobyte a second: a frame under way is a sign of life', () => {
    const bench = new Bench();
    const [key] = bench.ask();
    for (let part = 0; part < BLOCK_BYTES; part += 1_500) {
      bench.now += 1_000;
      bench.pipeline.partCame(part);
      expect(bench.waits).toBeGreaterThan(0);
    }
    bench.answer(key!);
    expect(bench.pipeline.pace).toBeGreaterThan(1_400);
  });

  test('[RQ5] is silence where it grows by less: who drips holds nothing up', () => {
    const bench = new Bench();
    bench.ask();
    for (let second = 1; second <= 12; second++) {
      bench.now += 1_000;
      bench.pipeline.partCame(second * 100);
    }
    expect(bench.waits).toBeLessThan(0);
  });

  test('[RQ5] is waited for twice as long each time, and no more than eight times as long', () => {
    const bench = new Bench();
    const patiences: number[] = [];
    for (let round = 0; round < 6; round++) {
      const [key] = bench.ask();
      patiences.push(bench.waits);
      bench.now += bench.waits;
      bench.pipeline.cancelled(key!);
      bench.pipeline.timedOut(bench.now);
      expect(bench.pipeline.snubbed).toBe(true);
    }
    expect(patiences).toEqual([10_000, 20_000, 40_000, 80_000, 80_000, 80_000]);
    bench.stream(1, 50);
    expect(bench.pipeline.snubbed).toBe(false);
  });

  test('[RQ5] of who knows no cancel: nothing is asked until what it owes came, or a minute later', () => {
    const bench = new Bench();
    const [key] = bench.ask();
    bench.now += 10_000;
    bench.pipeline.cancelled(key!);
    bench.pipeline.timedOut(bench.now);
    expect(bench.pipeline.isWaitedFor(true, bench.now)).toBe(false);
    expect(bench.pipeline.isWaitedFor(false, bench.now)).toBe(true);
    expect(bench.pipeline.isWaitedFor(false, bench.now + 20_000)).toBe(false);
    bench.pipeline.settleLate(key!);
    expect(bench.pipeline.isWaitedFor(false, bench.now)).toBe(false);
  });
});

describe('[RQ5] requests in vain', () => {
  test('[RQ5] are counted one by one, also for the same few blocks, and those that were answered are not', () => {
    const { pipeline } = new Bench();
    const block = { assembly: assembly(), cell: 0, cells: 1, length: BLOCK_GRID_BYTES, at: START };
    for (let nth = 0; nth <= MAX_LATE_REQUESTS; nth++) {
      expect(pipeline.isHopeless).toBe(false);
      pipeline.add(nth % 4, block);
      pipeline.cancelled(nth % 4);
    }
    expect(pipeline.isHopeless).toBe(true);
    expect(pipeline.settleLate(0)).toBe(true);
    expect(pipeline.isHopeless).toBe(false);
  });

  test('[RQ4] may each be answered once', () => {
    const bench = new Bench();
    const [key] = bench.ask();
    bench.pipeline.cancelled(key!);
    expect(bench.pipeline.isLate(key!)).toBe(true);
    expect(bench.pipeline.settleLate(key!)).toBe(true);
    expect(bench.pipeline.settleLate(key!)).toBe(false);
    expect(bench.pipeline.bytes).toBe(0);
  });
});
