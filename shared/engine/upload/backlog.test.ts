import { describe, expect, test } from 'vitest';
import { PIECE_HEADER_BYTES } from '../../limits.ts';
import { Backlog } from './backlog.ts';

const BYTES = 1_000_000;
const range = (piece: number) => ({ piece, offset: 0, length: BYTES });

/** Of an unmodified peer whose link takes 100 kB a second, as was seen; it has asked for these pieces at 0 ms. */
function backlogOf(...pieces: number[]): Backlog {
  const backlog = new Backlog();
  backlog.push(range(99), 0);
  for (const piece of pieces) backlog.push(range(piece), 0);
  backlog.order(0, true);
  backlog.left(0, ((BYTES + PIECE_HEADER_BYTES) * 1_000) / 100_000);
  return backlog;
}

describe('[UP6] what an unmodified peer has given up by the time it would be there', () => {
  test.each([
    [47_900, 1],
    [48_100, 2],
  ])('[UP6] is dropped by the pace of its link: at %i ms the first is %i', (now, first) => {
    const backlog = backlogOf(1, 2);
    backlog.dropStale(now);
    expect([backlog.first?.piece, backlog.bytes]).toEqual([first, (3 - first) * BYTES]);
  });

  test('[UP6] what is on its way comes first', () => {
    const backlog = backlogOf(1, 2, 3);
    backlog.order(10_000, true);
    // Piece 1 needs ten seconds, and piece 2 behind it ten more.
    backlog.dropStale(37_900);
    expect(backlog.first?.piece).toBe(2);
    backlog.dropStale(38_100);
    expect(backlog.first?.piece).toBe(3);
  });

  test.each([
    [57_900, 1],
    [58_100, undefined],
  ])('[UP6] the last one is dropped for its age alone: at %i ms the first is %s', (now, first) => {
    const backlog = backlogOf(1);
    backlog.dropStale(now);
    expect(backlog.first?.piece).toBe(first);
  });

  test('[UP6] where nothing as large has left before, how long it takes is not known', () => {
    const backlog = new Backlog();
    backlog.push(range(1), 0);
    backlog.push(range(2), 0);
    backlog.dropStale(57_900);
    expect(backlog.first?.piece).toBe(1);
    backlog.dropStale(58_100);
    expect(backlog.first).toBeUndefined();
  });
});
