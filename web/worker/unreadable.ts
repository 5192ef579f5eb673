/**
 * What it means when a person's file cannot be read, by browser ([SO4], tried in Chromium 156 and Firefox 153):
 * Chromium rejects with NotFoundError for a deleted or renamed file and with NotReadableError for one whose
 * modification time differs or that may no longer be read; Firefox rejects with AbortError for a deleted one and
 * hands out a changed file's new bytes without a word, fewer of them if it shrank. So bytes are checked as well.
 */
import type { ReadTrouble } from '../../shared/engine/io.ts';

export type FileTrouble = Exclude<ReadTrouble, 'missing'>;

export type FileBytes =
  { kind: 'read'; bytes: Uint8Array<ArrayBuffer> } | { kind: 'unreadable'; why: FileTrouble };

/** All of `blob` in memory. Never rejects. */
export async function readWhole(blob: Blob): Promise<FileBytes> {
  try {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return bytes.byteLength === blob.size ? { kind: 'read', bytes } : { kind: 'unreadable', why: 'changed' };
  } catch (error) {
    return { kind: 'unreadable', why: isGone(error) ? 'vanished' : 'changed' };
  }
}

function isGone(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('name' in error)) return false;
  return error.name === 'NotFoundError' || error.name === 'AbortError';
}
