import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieceSizes } from '../geometry.ts';
import { hashPieces } from './hashing.ts';
import { slicedReader } from './sliced-reader.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { MemoryFile, memoryFiles } from './testing/memory-files.ts';
import { nodeDigest } from './testing/node-ports.ts';

const MIB = 1_048_576;
const ports = { digest: nodeDigest, files: memoryFiles, clock: new FakeClock() };
const empty = () => new MemoryFile(new Uint8Array());

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
          const files = contents.map((content) => new MemoryFile(content));
          expect(await hashPieces(files, pieceBytes, ports)).toEqual({
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
      const outcome = await hashPieces([new MemoryFile(content)], pieceBytes, ports);
      expect(outcome).toEqual({ kind: 'hashed', pieces: naive([content], pieceBytes) });
    }
  });

  test('[SO5] files without bytes have no pieces', async () => {
    expect(await hashPieces([empty(), empty()], 100, ports)).toEqual({ kind: 'hashed', pieces: [] });
    expect(await hashPieces([], 100, ports)).toEqual({ kind: 'hashed', pieces: [] });
  });

  test('[SO5] progress comes at most ten times a second, never goes back and ends at the total', async () => {
    let clock = 0;
    const reports: { at: number; hashedBytes: number }[] = [];
    const ticking = { ...ports, clock: { now: () => (clock += 30) } };
    await hashPieces(
      [new MemoryFile(bytes(40 * MIB, 2))],
      MIB * 2,
      ticking,
      ({ hashedBytes, totalBytes }) => {
        expect(totalBytes).toBe(40 * MIB);
        reports.push({ at: clock, hashedBytes });
      },
    );
    expect(reports.at(-1)?.hashedBytes).toBe(40 * MIB);
    for (const [index, report] of reports.entries()) {
      const before = reports[index - 1];
      if (before === undefined) continue;
      expect(report.hashedBytes).toBeGreaterThan(before.hashedBytes);
      if (index < reports.length - 1) expect(report.at - before.at).toBeGreaterThanOrEqual(100);
    }
  });

  test('[SO4] names the file that changed or vanished', async () => {
    const files = [0, 1, 2].map((nth) => new MemoryFile(bytes(1_000, nth)));
    expect((await hashPieces(files, 700, ports)).kind).toBe('hashed');
    files[1]?.becomes('vanished');
    expect(await hashPieces(files, 700, ports)).toEqual({ kind: 'unreadable', file: 1, why: 'vanished' });
    files[0]?.becomes('changed');
    expect(await hashPieces(files, 700, ports)).toEqual({ kind: 'unreadable', file: 0, why: 'changed' });
  });

  test('[SO4] names the file in which the window begins where none of them fails alone', async () => {
    const files = [10, 20, 30].map((size) => new MemoryFile(bytes(size, size)));
    const read = async () => ({ kind: 'unreadable', why: 'changed' }) as const;
    const everything = { size: 60, read, inOrder: () => slicedReader({ read }) };
    const flaky = { ...ports, files: { join: () => everything } };
    expect(await hashPieces(files, 7, flaky)).toEqual({ kind: 'unreadable', file: 0, why: 'changed' });
  });
});
