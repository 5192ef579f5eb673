import { describe, expect, test } from 'vitest';
import { BLOCK_GRID_BYTES } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import type { PeerId } from '../../ids.ts';
import { testPeer } from '../testing/lab.ts';
import type { Assembly } from '../pieces/ledger.ts';
import { Samples } from './samples.ts';

const CELLS = 16;
const BYTES = Uint8Array.from({ length: CELLS * BLOCK_GRID_BYTES }, (_, at) => at % 251);

/** A whole piece of sixteen cells of one sender. */
function pieceOf(piece: number, sender: PeerId, size = BYTES.length): Assembly {
  const cells = Math.ceil(size / BLOCK_GRID_BYTES);
  const senders = new Array<PeerId | null>(cells).fill(sender);
  return {
    piece,
    size,
    cells,
    senders,
    bytes: size === BYTES.length ? BYTES : BYTES.slice(0, size),
  } as unknown as Assembly;
}

const nobody = () => false;
const LIAR = testPeer(7);

/** Whether one who falsifies every cell that `isFalse` says of so many pieces is found. */
function isFound(seed: number, pieces: number, isFalse: (cell: number) => boolean): boolean {
  const samples = new Samples(seededRandom(seed));
  let found = false;
  for (let piece = 0; piece < pieces; piece++) {
    for (const { offset } of samples.of(pieceOf(piece, LIAR), nobody))
      found ||= isFalse(piece * CELLS + Math.floor(offset / BLOCK_GRID_BYTES));
  }
  return found;
}

describe('[WS22] what somebody sent is looked at', () => {
  test.each([20, 95, 300, 1_000, 6_000])('[WS22] at most a twentieth of it, of %i pieces', (pieces) => {
    const samples = new Samples(seededRandom(3));
    let bytes = 0;
    for (let piece = 0; piece < pieces; piece++)
      for (const { bytes: some } of samples.of(pieceOf(piece, LIAR), nobody)) {
        bytes += some.length;
        expect(some.length).toBeLessThanOrEqual(512);
      }
    expect(bytes / (pieces * BYTES.length)).toBeLessThanOrEqual(0.05);
    expect(bytes).toBeGreaterThan(0);
  });

  test.each([
    ['by chance', (random: () => number) => () => random() < 0.05],
    ['at the end', () => (cell: number, all: number) => cell >= 0.95 * all],
    ['at the beginning', () => (cell: number, all: number) => cell < 0.05 * all],
    ['in the middle', () => (cell: number, all: number) => cell >= 0.45 * all && cell < 0.5 * all],
  ] as const)('[WS22] so that a false twentieth %s is found 99 times of 100', (_where, liar) => {
    for (const pieces of [60, 250]) {
      let found = 0;
      const runs = 300;
      for (let seed = 0; seed < runs; seed++) {
        const lies = seededRandom(seed + 10_000);
        const isFalse = liar(() => lies.fraction());
        const all = pieces * CELLS;
        const cells = Array.from({ length: all }, (_, cell) => isFalse(cell, all));
        if (isFound(seed, pieces, (cell) => cells[cell] === true)) found++;
      }
      // 99 of 100 on average: of 300, more than eight are beyond three standard deviations.
      expect(found).toBeGreaterThan(runs - 9);
    }
  });

  test('[WS22] each sender by itself, and who is trusted not at all', () => {
    const samples = new Samples(seededRandom(1));
    expect(samples.of(pieceOf(0, testPeer(1)), (peer) => peer === testPeer(1))).toEqual([]);
    const [one, other] = [
      samples.of(pieceOf(1, testPeer(2)), nobody),
      samples.of(pieceOf(2, testPeer(3)), nobody),
    ];
    expect(one.length).toBe(CELLS);
    expect(other.length).toBe(CELLS);
    expect(new Set(other.map(({ sender }) => sender))).toEqual(new Set([testPeer(3)]));
  });

  test('[WS22] as it was sent, inside its piece, also where the piece ends within a cell', () => {
    const samples = new Samples(seededRandom(1));
    const size = 3 * BLOCK_GRID_BYTES + 5;
    const all = samples.of(pieceOf(4, LIAR, size), nobody);
    expect(all.length).toBe(4);
    for (const { piece, offset, bytes } of all) {
      expect(piece).toBe(4);
      expect(offset + bytes.length).toBeLessThanOrEqual(size);
      expect(Buffer.compare(bytes, BYTES.subarray(offset, offset + bytes.length))).toBe(0);
    }
  });

  test('[WS22] anew where it was forgotten', () => {
    const samples = new Samples(seededRandom(1));
    for (let piece = 0; piece < 40; piece++) samples.of(pieceOf(piece, LIAR), nobody);
    samples.forget(LIAR);
    expect(samples.of(pieceOf(40, LIAR), nobody).length).toBe(CELLS);
  });
});
