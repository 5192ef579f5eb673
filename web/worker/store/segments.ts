/**
 * What a segment is: a key that no other ever had, and a value: how long its file is where the browser lets us have files
 * ([ST16]), else a Blob where it can store one, an ArrayBuffer where it cannot. The decision is made here and nowhere
 * else, by trying; whoever reads takes all of them. (Chromium compresses what is no Blob, and gives out a range of a Blob
 * without reading the rest.)
 */
import type { PutOutcome } from '../../../shared/peer/piece-store.ts';
import type { Filed, FiledSegments } from './filed-segments.ts';
import { BLOB_BYTES } from './limits.ts';
import type { InFile, WrittenKey } from './schema.ts';
import { SegmentFile } from './segment-files.ts';

type Parts = readonly Uint8Array<ArrayBuffer>[];
type MakeValue = (parts: Parts) => Blob | ArrayBuffer;

export interface Segment {
  readonly key: WrittenKey;
  readonly value: Blob | ArrayBuffer | InFile;
}

/** A new one of all the parts, one behind the other; a copy. */
export type MakeSegment = (parts: Parts) => Segment;

export class SegmentFormat {
  readonly #files: FiledSegments;
  #makeValue: MakeValue = blobOf;
  #isBlobStored = false;

  constructor(files: FiledSegments) {
    this.#files = files;
  }

  /**
   * Runs `write`, which is supposed to make a segment of each of the groups: their bytes are in files before it begins,
   * as a transaction waits for nothing but the database. What it makes of others is a Blob, and it runs once more with
   * ArrayBuffers when it failed with Blobs: browsers say in different ways that they cannot store a Blob, some of them
   * only when the transaction ends. What has worked is used from then on.
   */
  async storing(
    groups: readonly Parts[],
    write: (make: MakeSegment) => Promise<PutOutcome>,
  ): Promise<PutOutcome> {
    const { filed, lacksRoom } = await this.#files.write(groups);
    const outcome = await this.#storing(filed, write);
    await this.#files.leave(filed);
    // Of a Blob that finds no room some browsers say only that it failed.
    return outcome.kind === 'failed' && lacksRoom ? { kind: 'failed', why: 'quota' } : outcome;
  }

  async #storing(
    filed: readonly Filed[],
    write: (make: MakeSegment) => Promise<PutOutcome>,
  ): Promise<PutOutcome> {
    const makeValue = this.#makeValue;
    let wasFiled = true;
    const making =
      (makeOther: MakeValue): MakeSegment =>
      (parts) => {
        const ready = filed.find((one) => isSame(one.parts, parts));
        if (ready !== undefined) return ready.segment;
        wasFiled = false;
        return { key: this.#files.nextKey(), value: makeOther(parts) };
      };
    const outcome = await write(making(makeValue));
    if (outcome.kind === 'stored') this.#isBlobStored ||= !wasFiled && makeValue === blobOf;
    if (outcome.kind === 'stored' || outcome.why === 'quota' || wasFiled || makeValue === joined)
      return outcome;
    const second = await write(making(joined));
    // Where one was stored before, it was the database that failed, and not the Blob.
    if (second.kind === 'stored' && !this.#isBlobStored) this.#makeValue = joined;
    return second;
  }
}

function isSame(one: Parts, other: Parts): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

/** [ST13] Of small ones: their bytes go to the browser with the order to make them. */
function blobOf(parts: Parts): Blob {
  const small: Uint8Array<ArrayBuffer>[] = [];
  for (const part of parts) {
    for (let at = 0; at < part.length; at += BLOB_BYTES) small.push(part.subarray(at, at + BLOB_BYTES));
  }
  const last = small.length - 1;
  return new Blob(small.map((bytes, at) => (at === last ? bytes : new Blob([bytes]))));
}

function joined(parts: Parts): ArrayBuffer {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.buffer;
}

/** What is read of a segment. */
export type SegmentValue = Blob | ArrayBuffer | SegmentFile;

export function sizeOf(value: SegmentValue): number {
  return value instanceof ArrayBuffer ? value.byteLength : value.size;
}

/** Asking for it takes so long that the rest is worth being asked for, too. */
export function isWorthReadingAhead(value: SegmentValue): boolean {
  return value instanceof SegmentFile ? !value.readsAtOnce : value instanceof Blob;
}

/** A copy of bytes `from` up to `to`. Rejects where a Blob or a file can no longer be read. */
export async function rangeOf(
  value: SegmentValue,
  from: number,
  to: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (value instanceof SegmentFile) return value.read(from, to);
  const range = value.slice(from, to);
  return new Uint8Array(range instanceof ArrayBuffer ? range : await range.arrayBuffer());
}
