/**
 * [SO5] The piece hashes of a share, from large sequential reads of the person's files and WebCrypto: one window
 * is read while the pieces of the one before are hashed, so a gigabyte takes seconds and a few windows of memory.
 * The pieces run over the files' bytes one after another. Knows nothing of manifests.
 */
import { bytesToHex } from '../../shared/hex.ts';
import type { ManifestPiece } from '../../shared/manifest/resource.ts';
import type { HashingProgress } from './contract.ts';
import { HASH_WINDOW_BYTES, HASH_WINDOWS_IN_FLIGHT, PROGRESS_INTERVAL_MS } from './store/limits.ts';
import { readWhole } from './unreadable.ts';
import type { FileTrouble } from './unreadable.ts';

export type HashOutcome =
  /** No pieces at all for files without bytes. */
  | { kind: 'hashed'; pieces: ManifestPiece[] }
  /** `file`: index of the file that cannot be read. */
  | { kind: 'unreadable'; file: number; why: FileTrouble };

export interface HashOptions {
  /** Called at most ten times a second, and once at the end. */
  readonly onProgress?: (progress: HashingProgress) => void;
  /** Milliseconds on any clock that never goes back. */
  readonly now?: () => number;
}

/** `pieceBytes`: bytes of every piece but the last. Never rejects because of a file. */
export async function hashPieces(
  files: readonly Blob[],
  pieceBytes: number,
  options: HashOptions = {},
): Promise<HashOutcome> {
  // A Blob of Files holds references: the browser reads across their borders, nothing is copied.
  const everything = new Blob([...files]);
  const windowBytes = pieceBytes * Math.max(1, Math.floor(HASH_WINDOW_BYTES / pieceBytes));
  const report = throttled(everything.size, options);
  const pieces: ManifestPiece[] = [];
  const inFlight: Promise<ManifestPiece[]>[] = [];
  const finishOldest = async (): Promise<void> => {
    const hashed = (await inFlight.shift()) ?? [];
    for (const piece of hashed) pieces.push(piece);
    report(hashed.reduce((sum, { size }) => sum + size, 0));
  };
  for (let start = 0; start < everything.size; start += windowBytes) {
    const window = await readWhole(everything.slice(start, Math.min(start + windowBytes, everything.size)));
    if (window.kind === 'unreadable') return blame(files, start, window.why);
    inFlight.push(hashWindow(window.bytes, pieceBytes));
    if (inFlight.length >= HASH_WINDOWS_IN_FLIGHT) await finishOldest();
  }
  while (inFlight.length > 0) await finishOldest();
  return { kind: 'hashed', pieces };
}

/** SHA-256 as 64 lowercase hex digits. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function hashWindow(window: Uint8Array<ArrayBuffer>, pieceBytes: number): Promise<ManifestPiece[]> {
  const hashes: Promise<ManifestPiece>[] = [];
  for (let start = 0; start < window.length; start += pieceBytes) {
    const bytes = window.subarray(start, start + pieceBytes);
    hashes.push(sha256Hex(bytes).then((sha256) => ({ sha256, size: bytes.length })));
  }
  return Promise.all(hashes);
}

/** Which file it was: the first that gives no bytes by itself, else the one in which the window begins. */
async function blame(files: readonly Blob[], start: number, why: FileTrouble): Promise<HashOutcome> {
  for (const [file, blob] of files.entries()) {
    const probe = await readWhole(blob.slice(Math.max(0, blob.size - 1)));
    if (probe.kind === 'unreadable') return { kind: 'unreadable', file, why: probe.why };
  }
  let end = 0;
  const file = files.findIndex((blob) => (end += blob.size) > start);
  return { kind: 'unreadable', file: Math.max(0, file), why };
}

function throttled(totalBytes: number, { onProgress, now }: HashOptions): (hashed: number) => void {
  const clock = now ?? (() => performance.now());
  let hashedBytes = 0;
  let due = 0;
  return (hashed) => {
    hashedBytes += hashed;
    if (clock() < due && hashedBytes < totalBytes) return;
    due = clock() + PROGRESS_INTERVAL_MS;
    onProgress?.({ hashedBytes, totalBytes });
  };
}
