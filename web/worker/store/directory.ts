/** What a directory says about its segment: pure functions on its value. */
import { SEGMENT_BYTES, SMALL_SEGMENT_BYTES } from './limits.ts';
import type { Directory, Due, Listed } from './schema.ts';

/** With what is due. Several places with the same bytes count once. */
export function directoryOf(bytes: number, pieces: readonly Listed[]): Directory {
  const due = dueFor(bytes, liveBytes(pieces));
  return due === null ? { bytes, pieces } : { bytes, pieces, due };
}

export function liveBytes(pieces: readonly Listed[]): number {
  const live = new Map(pieces.map(([, , offset, size]) => [offset, size]));
  return [...live.values()].reduce((sum, size) => sum + size, 0);
}

function dueFor(bytes: number, live: number): Due | null {
  if (live * 2 < bytes) return 'sparse';
  return bytes < SMALL_SEGMENT_BYTES ? 'small' : null;
}

/** In their order, as many to a group as fit a segment; what is larger has a group of its own. */
export function packed<T>(parts: readonly T[], sizeOf: (part: T) => number): T[][] {
  const groups: T[][] = [];
  let left = 0;
  for (const part of parts) {
    const size = sizeOf(part);
    const last = groups.at(-1);
    if (last === undefined || size > left) {
      groups.push([part]);
      left = SEGMENT_BYTES - size;
    } else {
      last.push(part);
      left -= size;
    }
  }
  return groups;
}
