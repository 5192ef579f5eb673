/**
 * What a segment's value is: a Blob where the browser can store one, an ArrayBuffer where it cannot. The decision
 * is made here and nowhere else, by trying; whoever reads takes both. (Chromium compresses what is no Blob, and
 * gives out a range of a Blob without reading the rest.)
 */
import type { PutOutcome } from '../../../shared/peer/piece-store.ts';
import type { SegmentKey } from './schema.ts';

export type SegmentValue = Blob | ArrayBuffer;
type Parts = readonly Uint8Array<ArrayBuffer>[];
/** One value of all the parts, one behind the other; a copy. */
export type MakeSegment = (parts: Parts) => SegmentValue;

export class SegmentFormat {
  #make: MakeSegment = (parts) => new Blob([...parts]);

  /**
   * Runs `write`, and once more with ArrayBuffers when it failed with Blobs: browsers say in different ways that they
   * cannot store a Blob, some of them only when the transaction ends. What has worked is used from then on.
   */
  async storing(write: (make: MakeSegment) => Promise<PutOutcome>): Promise<PutOutcome> {
    const outcome = await write(this.#make);
    if (outcome.kind === 'stored' || outcome.why === 'quota' || this.#make === joined) return outcome;
    const second = await write(joined);
    if (second.kind === 'stored') this.#make = joined;
    return second;
  }
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
  return typeof key === 'number' ? String(key) : key.join('/');
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
