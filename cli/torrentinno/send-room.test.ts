/** How much the kernel is given: figures in, bytes out. */
import { describe, expect, test } from 'vitest';
import { KERNEL_FLOOR_BYTES } from './limits.ts';
import { SendRoom } from './send-room.ts';

/** A connection that always has something to send, looked at every 20 ms. */
class Wire {
  readonly room = new SendRoom();
  #queued = 0;
  #now = 0;

  /** Takes so many bytes a millisecond for so many ms. `most`: bytes that were in the queue at one time. */
  run(perMs: number, ms: number): { taken: number; most: number } {
    let [taken, most] = [0, 0];
    for (const end = this.#now + ms; this.#now < end; this.#now += 1) {
      const leaving = Math.min(this.#queued, perMs);
      this.#queued -= leaving;
      taken += leaving;
      if (this.#now % 20 === 0) this.room.looked(this.#queued, 0, 20, this.#now);
      const given = this.room.room;
      if (given > 0) this.room.wrote(given, this.#now);
      this.#queued += given;
      most = Math.max(most, this.#queued);
    }
    return { taken, most };
  }
}

describe('[HL59] what the kernel may hold', () => {
  test('a connection that takes nothing gets little, and is known to be stuck', () => {
    const wire = new Wire();
    expect(wire.run(0, 5_000).most).toBe(KERNEL_FLOOR_BYTES);
    expect(wire.room.room).toBe(0);
    expect(wire.room.stuckFor(5_000)).toBeGreaterThan(4_900);
  });

  test.each([50, 500, 5_000, 50_000, 500_000])('at %i kB/s it is never idle, and 0.15 s ahead', (rate) => {
    const wire = new Wire();
    wire.run(rate, 2_000);
    const { taken, most } = wire.run(rate, 2_000);
    expect(taken).toBeGreaterThan(rate * 2_000 * 0.97);
    expect(most).toBeLessThan(rate * 150 + KERNEL_FLOOR_BYTES + rate);
  });

  test('one that becomes slow is given little again: what it had before leaves first', () => {
    const wire = new Wire();
    wire.run(50_000, 2_000);
    const before = wire.room.ahead;
    wire.run(500, 1_000);
    expect(wire.room.ahead).toBeLessThanOrEqual(before);
    wire.run(500, 15_000);
    expect(wire.room.ahead).toBeLessThan(500 * 150 + KERNEL_FLOOR_BYTES);
  });

  test('a long way is filled: what is under way comes to it', () => {
    const near = new SendRoom();
    const far = new SendRoom();
    for (const [room, roundTrip] of [
      [near, 0],
      [far, 200],
    ] as const) {
      room.wrote(KERNEL_FLOOR_BYTES, 0);
      room.looked(KERNEL_FLOOR_BYTES / 2, roundTrip, 20, 100);
    }
    expect(far.room).toBeGreaterThan(near.room + KERNEL_FLOOR_BYTES / 2);
  });

  test('what there was before a silence says nothing of how fast it goes afterwards', () => {
    const room = new SendRoom();
    room.wrote(1_000, 0);
    room.looked(0, 0, 20, 20);
    room.wrote(40_000, 60_000);
    room.looked(0, 0, 20, 60_020);
    // 40,000 bytes in 20 ms count as if they had taken longer; the minute before does not count at all.
    expect(room.room).toBeGreaterThan(KERNEL_FLOOR_BYTES + 20_000);
    expect(room.stuckFor(90_000)).toBe(0);
  });
});
