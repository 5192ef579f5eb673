/**
 * Which pieces of a share are right in files that may hold them ([HL38]): read once, in order, and hashed, a few pieces at a
 * time, so that the memory does not grow with the files. Changes nothing.
 */
import { Bitfield } from '../../shared/bitfield.ts';
import { someAtOnce } from './at-once.ts';
import type { DiskContent } from './disk-content.ts';
import type { Layout } from './layout.ts';
import { HASHED_AT_ONCE, PROGRESS_EVERY_MS } from './limits.ts';
import { sha256Of } from './sha256.ts';

export interface VerifyProgress {
  readonly verifiedBytes: number;
  readonly totalBytes: number;
}

export type OnVerifyProgress = (progress: VerifyProgress) => void;

/** `sources`: of each file where its bytes may be; null: nowhere. Progress counts the pieces that can be looked at. `isCancelled`: nobody needs the rest any more. */
export async function rightPieces(
  layout: Layout,
  sources: readonly (DiskContent | null)[],
  onProgress: OnVerifyProgress = () => undefined,
  isCancelled: () => boolean = () => false,
): Promise<Bitfield> {
  const right = Bitfield.empty(layout.pieceCount);
  const within = [...Array(layout.pieceCount).keys()].filter((piece) => isWithin(layout, sources, piece));
  const totalBytes = within.reduce((sum, piece) => sum + layout.pieceSize(piece), 0);
  const report = throttled(totalBytes, onProgress);
  await someAtOnce(within, HASHED_AT_ONCE, async (piece) => {
    if (isCancelled()) return;
    const bytes = await readPiece(layout, sources, piece);
    if (bytes !== null && (await sha256Of(bytes)) === layout.sha256(piece)) right.add(piece);
    report(layout.pieceSize(piece));
  });
  return right;
}

function isWithin(layout: Layout, sources: readonly (DiskContent | null)[], piece: number): boolean {
  return layout.segmentsOf(piece).every(({ file, at, length }) => at + length <= (sources[file]?.size ?? 0));
}

async function readPiece(
  layout: Layout,
  sources: readonly (DiskContent | null)[],
  piece: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = new Uint8Array(layout.pieceSize(piece));
  for (const { file, at, from, length } of layout.segmentsOf(piece)) {
    const read = await sources[file]?.readInto(bytes.subarray(from, from + length), at);
    if (read?.kind !== 'read') return null;
  }
  return bytes;
}

function throttled(totalBytes: number, onProgress: OnVerifyProgress): (bytes: number) => void {
  let [verifiedBytes, due] = [0, -Infinity];
  return (bytes) => {
    verifiedBytes += bytes;
    const now = performance.now();
    if (now < due && verifiedBytes < totalBytes) return;
    due = now + PROGRESS_EVERY_MS;
    onProgress({ verifiedBytes, totalBytes });
  };
}
