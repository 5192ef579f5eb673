import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieceSizes } from '../geometry.ts';
import { filesOf, piecesOf, storedBytesOf } from './file-pieces.ts';
import type { Manifest } from './manifest.ts';

type Layout = Pick<Manifest, 'pieces' | 'files'>;

/** `cuts`: where the bytes of all files are cut into pieces. */
function layoutOf(fileSizes: readonly number[], cuts: readonly number[]): Layout {
  const total = fileSizes.reduce((sum, size) => sum + size, 0);
  const ends = [...new Set([...cuts.map((cut) => cut % Math.max(1, total)), total])].filter((end) => end > 0);
  ends.sort((one, other) => one - other);
  return {
    files: fileSizes.map((size, at) => ({ path: ['share', `${at}`], size })),
    pieces: ends.map((end, at) => ({ sha256: 'ab'.repeat(32), size: end - (ends[at - 1] ?? 0) })),
  };
}

/** The file and the piece of each byte of the share, written out. */
function bytesOf({ files, pieces }: Layout): { file: number; piece: number }[] {
  const pieceOf = pieces.flatMap(({ size }, piece) => new Array<number>(size).fill(piece));
  const fileOf = files.flatMap(({ size }, file) => new Array<number>(size).fill(file));
  return fileOf.map((file, at) => ({ file, piece: pieceOf[at]! }));
}

const layout = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 }), fc.array(fc.nat()))
  .map(([sizes, cuts]) => layoutOf(sizes, cuts));
const withFiles = layout.chain((one) =>
  fc.tuple(fc.constant(one), fc.subarray([...one.files.keys()], { minLength: 1 })),
);

describe('files and pieces', () => {
  test('[UP7] the files of a piece are those that have a byte in it', () => {
    fc.assert(
      fc.property(layout, (one) => {
        const bytes = bytesOf(one);
        for (const piece of one.pieces.keys()) {
          const files = new Set(bytes.flatMap((byte) => (byte.piece === piece ? [byte.file] : [])));
          expect(filesOf(one, piece)).toEqual([...files]);
        }
      }),
    );
  });

  test('[PK4] a piece is wanted when it holds a byte of a wanted file', () => {
    fc.assert(
      fc.property(withFiles, ([one, files]) => {
        const wanted = new Set(
          bytesOf(one).flatMap(({ file, piece }) => (files.includes(file) ? [piece] : [])),
        );
        expect([...piecesOf(one, files).members()]).toEqual([...wanted].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  test('[PK4] all files want all pieces, and a file without bytes wants none', () => {
    fc.assert(
      fc.property(layout, (one) => {
        expect(piecesOf(one, [...one.files.keys()]).isFull).toBe(true);
        const empty = [...one.files.keys()].filter((file) => one.files[file]!.size === 0);
        expect(piecesOf(one, empty).count).toBe(0);
      }),
    );
  });

  test('[PK4] what is stored of a file is counted within its range', () => {
    fc.assert(
      fc.property(layout, fc.infiniteStream(fc.boolean()), (one, chance) => {
        const stored = one.pieces.map(() => chance.next().value as boolean);
        const counted = one.files.map(
          (_, nth) => bytesOf(one).filter(({ file, piece }) => file === nth && stored[piece]).length,
        );
        expect([...storedBytesOf(one, (piece) => stored[piece]!)]).toEqual(counted);
      }),
      { numRuns: 500 },
    );
  });

  test('[PK4] is one walk over the largest list, not one for each file', () => {
    const files = Array.from({ length: 10_000 }, (_, at) => ({
      path: ['s', `${at}`],
      size: at % 7 === 0 ? 0 : 100_003,
    }));
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const pieces = pieceSizes(total, 262_144).map((size) => ({ sha256: 'ab'.repeat(32), size }));
    let looks = 0;
    const sums = storedBytesOf({ files, pieces }, () => ++looks > 0);
    expect(sums.reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
    expect(looks).toBeLessThanOrEqual(files.length + pieces.length);
  });
});
