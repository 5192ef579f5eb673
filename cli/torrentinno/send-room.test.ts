/** How much the kernel is given: figures in, bytes out. */
import { describe, expect, test } from 'vitest';
import { KERNEL_FLOOR_BYTES } from './limits.ts';
import { SendRoom } from './send-room.ts';

/** A connection that takes `perMs` bytes a millisecond and always has something to send, looked at every 20 ms. */
function run(
  room: SendRoom,
  perMs: (now: number) => number,
  ms: number,
  from = 0,
): { taken: number; most: number } {
  let [queued, taken, most] = [0, 0, 0];
  for (let now = from; now < from + ms; now += 1) {
    const leaving = Math.min(queued, perMs(now));
    queued -= leaving;
    taken += leaving;
    if (now % 20 === 0) room.looked(queued, 0, 20, now);
    const given = room.room;
    if (given > 0) room.wrote(given, now);
    queued += given;
    most = Math.max(most, queued);
  }
  return { taken, most };
}

describe('[HL59] what the kernel may hold', () => {
  test('a connection that takes nothing gets little, and is known to be stuck', () => {
    const room = new SendRoom();
    const { most } = run(room, () => 0, 5_000);
    expect(most).toBe(KERNEL_FLOOR_BYTES);
    expect(room.room).toBe(0);
    expect(room.stuckFor(5_000)).toBeGreaterThan(4_900);
  });

  test.each([50, 500, 5_000, 50_000, 500_000])('at %i kB/s it is never idle, and 0.15 s ahead', (rate) => {
    const room = new SendRoom();
    run(room, () => rate, 2_000);
    const { taken, most } = run(room, () => rate, 2_000, 2_000);
    expect(taken).toBeGreaterThan(rate * 2_000 * 0.97);
    expect(most).toBeLessThan(rate * 150 + KERNEL_FLOOR_BYTES + rate);
  });

  test('one that becomes slow is given little again within half a second', () => {
    const room = new SendRoom();
    run(room, () => 50_000, 2_000);
    run(room, () => 500, 1_000, 2_000);
    // What is in the queue by then has to leave first.
    const { most } = run(room, () => 50_000, 100, 3_000);
    expect(most).toBeLessThan(50_000 * 150);
    run(room, () => 500, 15_000, 3_100);
    expect(room.ahead).toBeLessThan(500 * 150 + KERNEL_FLOOR_BYTES);
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
