import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Geometry, pieceSizeFor, pieceSizes, pieceSizesOf } from './geometry.ts';
import { MAX_PIECE_BYTES } from './limits.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 40 });

function sized(list: readonly number[]): { size: number }[] {
  return list.map((size) => ({ size }));
}

describe('geometry', () => {
  test('[GM1] pieces and blocks cover every byte once, whatever their sizes', () => {
    fc.assert(
      fc.property(sizes, (list) => {
        const geometry = new Geometry(sized(list));
        let at = 0;
        list.forEach((size, piece) => {
          expect(geometry.pieceOffset(piece)).toBe(at);
          expect(geometry.pieceSize(piece)).toBe(size);
          expect(geometry.pieceAt(at)).toBe(piece);
          expect(geometry.pieceAt(at + size - 1)).toBe(piece);
          at += size;
        });
        expect(geometry.totalBytes).toBe(at);
      }),
    );
  });

  test('[GM1] knows where files begin, empty ones too', () => {
    const geometry = new Geometry(sized([10]), sized([0, 4, 0, 0, 6, 0]));
    expect([0, 1, 4, 5].map((file) => geometry.fileOffset(file))).toEqual([0, 0, 4, 10]);
  });

  test('[GM1] is exact far beyond 32 bits', () => {
    const geometry = new Geometry(sized(Array.from({ length: 16_384 }, () => MAX_PIECE_BYTES - 1)));
    expect(geometry.pieceOffset(16_383)).toBe(16_383 * (MAX_PIECE_BYTES - 1));
    expect(geometry.pieceAt(2 ** 39 + 12_345)).toBe(Math.floor((2 ** 39 + 12_345) / (MAX_PIECE_BYTES - 1)));
  });

  test('[GM1] an empty share has no pieces', () => {
    const geometry = new Geometry([], sized([0]));
    expect([geometry.pieceCount, geometry.totalBytes]).toEqual([0, 0]);
    expect(() => geometry.pieceAt(0)).toThrow('a byte of this share');
    expect(() => geometry.pieceSize(0)).toThrow('a piece of this share');
  });

  test('[GM1] cuts a share into pieces', () => {
    expect(pieceSizes(10, 4)).toEqual([4, 4, 2]);
    expect(pieceSizes(8, 4)).toEqual([4, 4]);
    expect(pieceSizes(0, 4)).toEqual([]);
  });
});

describe('[GM2] pieces over several files', () => {
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const endsOf = (sizes: readonly number[]): Set<number> => {
    let end = 0;
    return new Set(sizes.map((size) => (end += size)));
  };

  test('[GM2] each file has its own, where these are few', () => {
    expect(pieceSizesOf([10, 3, 0, 4], 4)).toEqual([4, 4, 2, 3, 4]);
    expect(pieceSizesOf([10], 4)).toEqual(pieceSizes(10, 4));
    expect(pieceSizesOf([0, 0], 4)).toEqual([]);
  });

  test('[GM2] of very many the small ones share theirs, and large ones still have their own', () => {
    const files = [...Array<number>(1_500).fill(1), 10, ...Array<number>(1_500).fill(1)];
    const sizes = pieceSizesOf(files, 4);
    expect(sizes).toEqual([...Array<number>(375).fill(4), 4, 4, 2, ...Array<number>(375).fill(4)]);
  });

  test('[GM2] where that were too many pieces they run over all files', () => {
    const files = Array<number>(6_000).fill(5);
    expect(pieceSizesOf(files, 4)).toEqual(pieceSizes(30_000, 4));
  });

  test('[GM2] holds every byte once, in pieces no larger than asked for, and not many more of them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 12 }), (files, pieceBytes) => {
        const sizes = pieceSizesOf(files, pieceBytes);
        expect(sum(sizes)).toBe(sum(files));
        expect(sizes.every((size) => size > 0 && size <= pieceBytes)).toBe(true);
        const ends = endsOf(sizes);
        for (const end of endsOf(files)) expect(end === 0 || ends.has(end)).toBe(true);
      }),
    );
  });
});

describe('piece size', () => {
  test.each([
    [0, 262_144],
    [1, 262_144],
    [262_144_000, 262_144],
    [262_144_001, 262_145],
    [1_000_000_000, 1_000_000],
    [10_000_000_000, 1_000_000],
    [10_000_000_001, 1_000_001],
    [100_000_000_000, 10_000_000],
  ])('[MF7] of %d bytes is %d unless chosen', (total, size) => {
    expect(pieceSizeFor(total, null)).toBe(size);
  });

  test.each([
    [1_000, 524_288, 524_288],
    [40_000_000_000, 262_144, 4_000_000],
    [10_000, 1, 1],
    [10_001, 1, 2],
    [1, 1_000_000_000, MAX_PIECE_BYTES],
  ])('[MF7] of %d bytes, chosen %d, is %d', (total, chosen, size) => {
    expect(pieceSizeFor(total, chosen)).toBe(size);
  });

  test('[MF7] a share never has more than 10,000 pieces; one that would need larger pieces is too large', () => {
    const most = MAX_PIECE_BYTES * 10_000;
    expect(pieceSizeFor(most, null)).toBe(MAX_PIECE_BYTES);
    expect(pieceSizeFor(most + 1, null)).toBeNull();
    expect(pieceSizeFor(most + 1, 262_144)).toBeNull();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: most }),
        fc.option(fc.integer({ min: 1, max: 10 ** 8 })),
        (total, chosen) => {
          const size = pieceSizeFor(total, chosen);
          expect(size).not.toBeNull();
          expect(size).toBeLessThanOrEqual(MAX_PIECE_BYTES);
          expect(Math.ceil(total / size!)).toBeLessThanOrEqual(10_000);
        },
      ),
    );
  });
});
