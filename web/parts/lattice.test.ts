import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availabilityTonesOf, grainOf, latticeOf, tonesOf } from './lattice.ts';
import { swimTones } from './swim.ts';

describe('the net of the piece map', () => {
  it('[UI8] covers every point of the picture with a cell', () => {
    const sizes = fc.integer({ min: 1, max: 900 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.integer({ min: 3, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (w, h, r, at) => {
          const [x, y] = [at * w, (1 - at) * h];
          const covered = latticeOf(w, h, r).some(
            (cell) => Math.abs(cell.x - x) + Math.abs(cell.y - y) <= r + 1e-9,
          );
          expect(covered).toBe(true);
        },
      ),
    );
  });

  it('[UI8] goes from left to right', () => {
    const xs = latticeOf(300, 90, 7).map(({ x }) => x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
  });

  it('[UI8] is empty without room', () => {
    expect(latticeOf(0, 90, 7)).toEqual([]);
    expect(latticeOf(90, 90, 0)).toEqual([]);
  });
});

describe('what the cells show', () => {
  it('[UI24] [UI8] says of what is missing how many people have the rarest of it', () => {
    const tones = availabilityTonesOf(Uint8Array.of(2, 0, 0, 1, 2, 0), Uint8Array.of(0, 3, 1, 4, 0, 0), 3);
    expect(tones.map(({ copies }) => copies)).toEqual([3, 1, 0]);
    const whole = availabilityTonesOf(Uint8Array.of(2, 2), Uint8Array.of(0, 0), 2);
    expect(whole).toEqual(tonesOf(Uint8Array.of(2, 2), 2));
    // Nothing is known of the peers.
    expect(availabilityTonesOf(Uint8Array.of(0, 2), new Uint8Array(), 2)).toEqual(
      tonesOf(Uint8Array.of(0, 2), 2),
    );
  });

  it('[UI8] gives each of few pieces its share of the cells', () => {
    const tones = tonesOf(Uint8Array.of(2, 0, 1), 9);
    expect(tones.map(({ stored }) => stored)).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(tones.map(({ underWay }) => underWay).lastIndexOf(true)).toBe(8);
    expect(tones[5]?.underWay).toBe(false);
  });

  it('[UI8] lets many pieces share a cell and loses none', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 2_000, max: 2 }),
        fc.integer({ min: 1, max: 500 }),
        (pieces, cells) => {
          const tones = tonesOf(pieces, cells);
          expect(tones).toHaveLength(cells);
          if (cells > pieces.length) return;
          expect(tones.some(({ underWay }) => underWay)).toBe(pieces.includes(1));
          expect(tones.every(({ stored }) => stored === 1)).toBe(pieces.every((piece) => piece === 2));
          expect(tones.every(({ stored }) => stored === 0)).toBe(!pieces.includes(2));
        },
      ),
    );
  });

  it('[UI8] shows nothing stored before the pieces are known', () => {
    expect(tonesOf(new Uint8Array(), 4)).toEqual(Array(4).fill({ stored: 0, underWay: false }));
  });

  it('[UI8] grains cells evenly and always the same', () => {
    const grains = Array.from({ length: 1_000 }, (_, cell) => grainOf(cell));
    expect(grains.every((grain) => grain >= 0 && grain < 1)).toBe(true);
    expect(grains.reduce((sum, grain) => sum + grain, 0) / 1_000).toBeCloseTo(0.5, 1);
    expect(grainOf(7)).toBe(grainOf(7));
  });
});

describe('the ornament of the first page', () => {
  const cells = latticeOf(760, 190, 8);
  const coloured = (gathered: number): number =>
    swimTones(gathered)(cells, 760, 190).filter(({ stored, underWay }) => stored > 0 || underWay).length;

  it('[UI8] gathers pieces and loses none on the way', () => {
    const counts = [0, 0.25, 0.5, 0.75, 1].map(coloured);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts[0]).toBeGreaterThan(cells.length / 20);
    expect(counts[0]).toBeLessThan(cells.length / 2);
    expect(counts[4]).toBeGreaterThan(cells.length * 0.85);
  });
});
