import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { openAsBlob } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieceSizes } from '../../shared/geometry.ts';
import { hashPieces } from './hashing.ts';

const MIB = 1_048_576;

/** The obvious way: everything in one buffer, cut, hashed by another implementation. */
function naive(files: readonly Uint8Array[], pieceBytes: number) {
  const all = Buffer.concat(files);
  return pieceSizes(all.length, pieceBytes).map((size, at) => ({
    size,
    sha256: createHash('sha256')
      .update(all.subarray(at * pieceBytes, at * pieceBytes + size))
      .digest('hex'),
  }));
}

function bytes(size: number, salt: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 31 + salt * 17 + (at >> 8)) & 255);
}

describe('hashing the pieces of a share', () => {
  test('[SO5] pieces run over file borders, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        async (sizes, pieceBytes) => {
          const contents = sizes.map(bytes);
          const files = contents.map((content) => new Blob([content]));
          expect(await hashPieces(files, pieceBytes)).toEqual({
            kind: 'hashed',
            pieces: naive(contents, pieceBytes),
          });
        },
      ),
    );
  });

  test('[SO5] more than one window, and a last window that is not full', async () => {
    const content = bytes(35 * MIB + 5, 1);
    for (const pieceBytes of [262_144, 1_000_000, 17 * MIB]) {
      const outcome = await hashPieces([new Blob([content])], pieceBytes);
      expect(outcome).toEqual({ kind: 'hashed', pieces: naive([content], pieceBytes) });
    }
  });

  test('[SO5] files without bytes have no pieces', async () => {
    expect(await hashPieces([new Blob([]), new Blob([])], 100)).toEqual({ kind: 'hashed', pieces: [] });
    expect(await hashPieces([], 100)).toEqual({ kind: 'hashed', pieces: [] });
  });

  test('[SO5] progress comes at most ten times a second, never goes back and ends at the total', async () => {
    let clock = 0;
    const reports: { at: number; hashedBytes: number }[] = [];
    await hashPieces([new Blob([bytes(40 * MIB, 2)])], MIB * 2, {
      now: () => (clock += 30),
      onProgress: ({ hashedBytes, totalBytes }) => {
        expect(totalBytes).toBe(40 * MIB);
        reports.push({ at: clock, hashedBytes });
      },
    });
    expect(reports.at(-1)?.hashedBytes).toBe(40 * MIB);
    for (const [index, report] of reports.entries()) {
      const before = reports[index - 1];
      if (before === undefined) continue;
      expect(report.hashedBytes).toBeGreaterThan(before.hashedBytes);
      if (index < reports.length - 1) expect(report.at - before.at).toBeGreaterThanOrEqual(100);
    }
  });

  test('[SO4] names the file that changed or vanished', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-hashing-'));
    const paths = [0, 1, 2].map((index) => join(folder, `${index}.bin`));
    for (const [index, path] of paths.entries()) await writeFile(path, bytes(1_000, index));
    const files = await Promise.all(paths.map((path) => openAsBlob(path)));
    expect((await hashPieces(files, 700)).kind).toBe('hashed');
    await writeFile(paths[1] ?? '', bytes(999, 9));
    expect(await hashPieces(files, 700)).toMatchObject({ kind: 'unreadable', file: 1 });
    await rm(folder, { recursive: true });
    expect(await hashPieces(files, 700)).toMatchObject({ kind: 'unreadable', file: 0 });
  });
});
