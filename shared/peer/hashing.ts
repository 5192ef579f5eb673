/**
 * [SO5] The piece hashes of a share, from large sequential reads of the person's files and the digest port: one window
 * is read while the pieces of those before it are hashed, so a gigabyte takes seconds and a few windows of memory.
 * The pieces run over the files' bytes one after another, cut as the caller says. Knows nothing of manifests.
 */
import type { FileTrouble } from '../engine/io.ts';
import { pieceSizes } from '../geometry.ts';
import type { ManifestPiece } from '../manifest/manifest.ts';
import { sha256Hex } from './digests.ts';
import { HASH_WINDOW_BYTES, HASH_WINDOWS_IN_FLIGHT, PROGRESS_INTERVAL_MS } from './limits.ts';
import type { Clock, Digest, FileContent, Files } from './ports.ts';
import type { HashingProgress } from './verbs.ts';

export type HashOutcome =
  /** No pieces at all for files without bytes. */
  | { kind: 'hashed'; pieces: ManifestPiece[] }
  /** `file`: index of the file that cannot be read. */
  | { kind: 'unreadable'; file: number; why: FileTrouble }
  | { kind: 'cancelled' };

export interface HashPorts {
  readonly digest: Digest;
  readonly files: Files;
  readonly clock: Pick<Clock, 'now'>;
  /** Asked before each window. Left out: never. */
  readonly isCancelled?: () => boolean;
}

/**
 * `cut`: bytes of each piece, in order, together all bytes of the files; or of every piece but the last. Progress is told at most ten times a second,
 * and once at the end. Never rejects because of a file.
 */
export async function hashPieces(
  files: readonly FileContent[],
  cut: number | readonly number[],
  ports: HashPorts,
  onProgress: (progress: HashingProgress) => void = () => undefined,
): Promise<HashOutcome> {
  const everything = ports.files.join(files);
  const windows = windowsOf(typeof cut === 'number' ? pieceSizes(everything.size, cut) : cut);
  const largest = windows.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const report = throttled(everything.size, ports.clock, onProgress);
  const pieces: ManifestPiece[] = [];
  const inFlight: Promise<HashedWindow>[] = [];
  /** Answers its buffer, to be read into again. */
  const finishOldest = async (): Promise<ArrayBuffer | undefined> => {
    const window = await inFlight.shift();
    for (const piece of window?.pieces ?? []) pieces.push(piece);
    report(window?.bytes ?? 0);
    return window?.buffer;
  };
  const reader = everything.inOrder();
  let start = 0;
  for (const { sizes, bytes } of windows) {
    if (ports.isCancelled?.() === true) {
      reader.end();
      return { kind: 'cancelled' };
    }
    const spare = inFlight.length < HASH_WINDOWS_IN_FLIGHT ? undefined : await finishOldest();
    const window = await reader.next(bytes, spare ?? new ArrayBuffer(largest));
    if (window.kind === 'unreadable') return blame(files, start, window.why);
    inFlight.push(hashWindow(ports.digest, window.bytes, sizes));
    start += bytes;
  }
  reader.end();
  while (inFlight.length > 0) await finishOldest();
  return { kind: 'hashed', pieces };
}

interface Window {
  readonly sizes: readonly number[];
  readonly bytes: number;
}

/** As many pieces as fit into one read, one at the least. */
function windowsOf(sizes: readonly number[]): Window[] {
  const windows: Window[] = [];
  let [first, bytes] = [0, 0];
  sizes.forEach((size, piece) => {
    if (piece > first && bytes + size > HASH_WINDOW_BYTES) {
      windows.push({ sizes: sizes.slice(first, piece), bytes });
      [first, bytes] = [piece, 0];
    }
    bytes += size;
  });
  if (first < sizes.length) windows.push({ sizes: sizes.slice(first), bytes });
  return windows;
}

interface HashedWindow {
  readonly pieces: readonly ManifestPiece[];
  readonly bytes: number;
  /** Nobody reads it any more. */
  readonly buffer: ArrayBuffer;
}

async function hashWindow(
  digest: Digest,
  window: Uint8Array<ArrayBuffer>,
  sizes: readonly number[],
): Promise<HashedWindow> {
  let start = 0;
  const hashes = sizes.map(async (size) => {
    const bytes = window.subarray(start, (start += size));
    return { sha256: await sha256Hex(digest, bytes), size };
  });
  return { pieces: await Promise.all(hashes), bytes: window.length, buffer: window.buffer };
}

/** Which file it was: the first that gives no bytes by itself, else the one in which the window begins. */
async function blame(files: readonly FileContent[], start: number, why: FileTrouble): Promise<HashOutcome> {
  for (const [file, content] of files.entries()) {
    const probe = await content.read(Math.max(0, content.size - 1), content.size);
    if (probe.kind === 'unreadable') return { kind: 'unreadable', file, why: probe.why };
  }
  let end = 0;
  const file = files.findIndex(({ size }) => (end += size) > start);
  return { kind: 'unreadable', file: Math.max(0, file), why };
}

function throttled(
  totalBytes: number,
  clock: Pick<Clock, 'now'>,
  onProgress: (progress: HashingProgress) => void,
): (hashed: number) => void {
  let hashedBytes = 0;
  let due = 0;
  return (hashed) => {
    hashedBytes += hashed;
    if (clock.now() < due && hashedBytes < totalBytes) return;
    due = clock.now() + PROGRESS_INTERVAL_MS;
    onProgress({ hashedBytes, totalBytes });
  };
}
