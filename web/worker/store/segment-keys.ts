/** Keys of segments: none is ever used twice. What is named after them. */
import type { PieceKey, SegmentKey, WrittenKey } from './schema.ts';

const CHANCE_BITS = 11;

/** Those of one opening of the store. */
export class SegmentKeys {
  readonly #writer = openingNumber();
  #count = 0;

  next(): WrittenKey {
    this.#count += 1;
    return [this.#writer, this.#count];
  }

  /** Whether an earlier opening has named this file, as far as the clock was not set back. */
  isOfEarlier(name: string): boolean {
    return /^\d+-\d+$/.test(name) && Number.parseInt(name) < this.#writer;
  }
}

/** Below 2^53: of a later opening it is greater, and of two in the same millisecond it is not the same. */
function openingNumber(): number {
  const [chance = 0] = crypto.getRandomValues(new Uint16Array(1));
  return Date.now() * 2 ** CHANCE_BITS + (chance >>> (16 - CHANCE_BITS));
}

/** As text, for a Map. */
export function segmentId(key: SegmentKey): string {
  return key.join('/');
}

/** [ST16] Of the file, where it has one. */
export function segmentFileName(key: SegmentKey): string {
  return key.join('-');
}

/** What version 1 wrote: one piece and nothing else. */
export function isOfVersionOne(key: SegmentKey): key is PieceKey {
  return typeof key[0] === 'string';
}
