/** [UP7] Which files can still be sent whole, against the obvious way of finding out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieceSizes, pieceSizesOf } from '../../geometry.ts';
import { UnreadableFiles } from './unreadable-files.ts';

function layoutOf(sizes: readonly number[], pieceSizes: readonly number[]) {
  return {
    files: sizes.map((size, nth) => ({ path: [`${nth}`], size })),
    pieces: pieceSizes.map((size) => ({ sha256: 'ab'.repeat(32), size })),
  };
}

describe('[UP7] unreadable files', () => {
  test('[UP7] where pieces run over borders, the neighbours are not whole, and only who is at fault is named', () => {
    const files = new UnreadableFiles(layoutOf([6, 6, 6], pieceSizes(18, 4)));
    expect(files.snapshot()).toBeNull();
    expect(files.lose(2, null, 'vanished')).toEqual([1, 2]);
    expect(files.snapshot()).toEqual({ why: 'vanished', files: 1, first: ['1'], neighbours: 1 });
    expect(files.whole).toEqual([2]);
    // It lies in that piece, too, and is why.
    expect(files.lose(1, null, 'vanished')).toEqual([]);
    expect(files.lose(3, null, 'changed')).toEqual([3, 4]);
    expect(files.whole).toEqual([]);
    expect(files.restore()).toEqual([1, 2, 3, 4]);
    expect(files.snapshot()).toBeNull();
    expect(files.whole).toEqual([0, 1, 2]);
  });

  test('[UP7] a file without bytes alone is nothing that can be sent', () => {
    const files = new UnreadableFiles(layoutOf([0, 5], [5]));
    files.lose(0, 1, 'changed');
    expect(files.whole).toEqual([]);
  });

  test('[UP7] is whole what no lost piece touches', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        fc.array(fc.nat(60), { maxLength: 4 }),
        (sizes, pieceBytes, aligned, faults) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const cut = aligned ? pieceSizesOf(sizes, pieceBytes) : pieceSizes(total, pieceBytes);
          const files = new UnreadableFiles(layoutOf(sizes, cut));
          const lost = new Set<number>();
          for (const fault of cut.length === 0 ? [] : faults)
            for (const piece of files.lose(fault % cut.length, null, 'changed')) lost.add(piece);
          const pieceOf = cut.flatMap((size, piece) => new Array<number>(size).fill(piece));
          let at = 0;
          const whole = sizes.flatMap((size, file) => {
            const mine = pieceOf.slice(at, (at += size));
            return mine.some((piece) => lost.has(piece)) ? [] : [file];
          });
          const isAny = whole.some((file) => (sizes[file] ?? 0) > 0);
          expect(files.whole).toEqual(isAny ? whole : []);
        },
      ),
    );
  });
});
