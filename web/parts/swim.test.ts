import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latticeOf } from './lattice.ts';
import { swimTones } from './swim.ts';

/** From a telephone's to the widest, as the style sheet has them: 24 % as high as the window is wide, 136 to 192 px. */
const pictures = fc
  .integer({ min: 320, max: 1_600 })
  .map((window) => [Math.min(window - 32, 768), Math.min(192, Math.max(136, window * 0.24))] as const);

describe('the fish of the first page', () => {
  it('[UI8] is whole in every picture: from its tail to its nose, in the middle, with one eye', () => {
    fc.assert(
      fc.property(pictures, ([width, height]) => {
        const inFish = (x: number, y: number) => {
          const at = { x: width - height * 1.45 + x * height, y: height * (0.5 + y) };
          expect(at.x).toBeGreaterThanOrEqual(0);
          expect(at.x).toBeLessThanOrEqual(width);
          return swimTones(0)([at], width, height)[0]?.stored;
        };
        expect([inFish(-0.3, 0.2), inFish(-0.3, -0.2), inFish(0.5, 0.3), inFish(1.2, 0)]).toEqual([
          1, 1, 1, 1,
        ]);
        expect(inFish(0.98, -0.06)).toBe(0);
        // Its tail is forked.
        expect(inFish(-0.33, 0)).not.toBe(1);
      }),
    );
  });

  it('[UI8] has water before it: nothing is loose there, and what is loose swims behind it', () => {
    fc.assert(
      fc.property(pictures, ([width, height]) => {
        const cells = latticeOf(width, height, 8);
        const tones = swimTones(0)(cells, width, height);
        const nose = width - height * 0.2;
        const before = cells.flatMap(({ x }, cell) => (x > nose ? [tones[cell]] : []));
        expect(before).toEqual(before.map(() => ({ stored: 0, underWay: false })));
        const tail = width - height * 1.8;
        const behind = tones.filter((_, cell) => (cells[cell]?.x ?? width) < tail);
        const coloured = behind.filter(({ stored, underWay }) => stored > 0 || underWay).length;
        expect(coloured).toBeLessThanOrEqual(behind.length / 2);
      }),
    );
  });

  it('[UI8] a cell that has come stays while more gather', () => {
    const cells = latticeOf(760, 190, 8);
    const steps = [0, 0.2, 0.4, 0.6, 0.8, 1].map((gathered) => swimTones(gathered)(cells, 760, 190));
    cells.forEach((_, cell) => {
      const there = steps.map((tones) => tones[cell]?.underWay === true || (tones[cell]?.stored ?? 0) > 0);
      // The eye of the fish is never filled.
      expect(there).toEqual([...there].sort());
    });
  });
});
