/**
 * What a segment is: a key that no other ever had, and a value, a Blob where the browser can store one, an ArrayBuffer
 * where it cannot. The decision is made here and nowhere else, by trying; whoever reads takes both. (Chromium
 * compresses what is no Blob, and gives out a range of a Blob without reading the rest.)
 */
import type { PutOutcome } from '../../../shared/peer/piece-store.ts';
import { BLOB_BYTES } from './limits.ts';
import type { PieceKey, SegmentKey, WrittenKey } from './schema.ts';

export type SegmentValue = Blob | ArrayBuffer;
type Parts = readonly Uint8Array<ArrayBuffer>[];
type MakeValue = (parts: Parts) => SegmentValue;

export interface Segment {
  readonly key: WrittenKey;
  readonly value: SegmentValue;
}

const CHANCE_BITS = 11;

/** A new one of all the parts, one behind the other; a copy. */
export type MakeSegment = (parts: Parts) => Segment;

export class SegmentFormat {
  readonly #writer = openingNumber();
  #segments = 0;
  #makeValue: MakeValue = blobOf;
  #isBlobStored = false;

  /**
   * Runs `write`, and once more with ArrayBuffers when it failed with Blobs: browsers say in different ways that they
   * cannot store a Blob, some of them only when the transaction ends. What has worked is used from then on.
   */
  async storing(write: (make: MakeSegment) => Promise<PutOutcome>): Promise<PutOutcome> {
    const makeValue = this.#makeValue;
    const outcome = await write((parts) => this.#segment(makeValue(parts)));
    if (outcome.kind === 'stored') this.#isBlobStored ||= makeValue === blobOf;
    if (outcome.kind === 'stored' || outcome.why === 'quota' || makeValue === joined) return outcome;
    const second = await write((parts) => this.#segment(joined(parts)));
    // Where one was stored before, it was the database that failed, and not the Blob.
    if (second.kind === 'stored' && !this.#isBlobStored) this.#makeValue = joined;
    return second;
  }

  #segment(value: SegmentValue): Segment {
    this.#segments += 1;
    return { key: [this.#writer, this.#segments], value };
  }
}

/** Below 2^53: of a later opening it is greater, and of two in the same millisecond it is not the same. */
function openingNumber(): number {
  const [chance = 0] = crypto.getRandomValues(new Uint16Array(1));
  return Date.now() * 2 ** CHANCE_BITS + (chance >>> (16 - CHANCE_BITS));
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

/** As text, for a Map. */
export function segmentId(key: SegmentKey): string {
  return key.join('/');
}

/** What version 1 wrote: one piece and nothing else. */
export function isOfVersionOne(key: SegmentKey): key is PieceKey {
  return typeof key[0] === 'string';
}

export function sizeOf(value: SegmentValue): number {
  return value instanceof ArrayBuffer ? value.byteLength : value.size;
}

/** A copy of bytes `from` up to `to`. Rejects where a Blob can no longer be read. */
export async function rangeOf(
  value: SegmentValue,
  from: number,
  to: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const range = value.slice(from, to);
  return new Uint8Array(range instanceof ArrayBuffer ? range : await range.arrayBuffer());
}
