/**
 * What the watch remembers of one link ([SM5]): what was asked on it and is not answered, what the peer said it
 * has, how much waits in both directions. Judges nothing but repeated and unbounded requests.
 */
import type { Bitfield } from '../bitfield.ts';
import {
  BLOCK_GRID_BYTES,
  MAX_BLOCK_BYTES,
  MAX_LATE_REQUESTS,
  MAX_OUTSTANDING_BYTES,
  MAX_OUTSTANDING_REQUESTS,
  MAX_PIECE_BYTES,
  PIECE_HEADER_BYTES,
} from '../limits.ts';
import type { BlockRange } from '../protocol/frames.ts';
import type { SyntheticShare } from './share.ts';

const GRID_PER_PIECE = MAX_PIECE_BYTES / BLOCK_GRID_BYTES;

export class LinkBook {
  /** The peer's pieces, as far as it has said. */
  has: Bitfield;
  /** Bytes ordered sent that have not left. */
  unsent = 0;
  /** The peer's requests that we have neither served nor rejected. */
  waiting = 0;
  /** The peer said choke: it answers what it was asked, and wants no more. */
  choked = false;
  readonly mostLate = MAX_LATE_REQUESTS + MAX_OUTSTANDING_REQUESTS;
  readonly #asked = new Map<number, BlockRange>();
  #askedBytes = 0;
  /** How often each block was cancelled and may still be answered. */
  readonly #late = new Map<number, number>();

  constructor(share: SyntheticShare) {
    this.has = share.nothing();
  }

  get askedBytes(): number {
    return this.#askedBytes;
  }

  isAsked(range: BlockRange): boolean {
    return this.#asked.has(keyOf(range));
  }

  /** False: there are too many now. */
  ask(range: BlockRange): boolean {
    const { piece, offset, length } = range;
    this.#asked.set(keyOf(range), { piece, offset, length });
    this.#askedBytes += length;
    const fits = this.#askedBytes <= MAX_OUTSTANDING_BYTES + MAX_BLOCK_BYTES;
    return fits && this.#asked.size <= MAX_OUTSTANDING_REQUESTS;
  }

  get late(): number {
    return this.#late.size;
  }

  /** A block came. True: it answers a request that stands; otherwise one that was cancelled. */
  answered(range: BlockRange): boolean {
    if (this.#forget(range)) return true;
    this.#settleLate(keyOf(range));
    return false;
  }

  /** A reject came: first of all for what was cancelled. True: it ends a request that stands. */
  rejected(range: BlockRange): boolean {
    return !this.#settleLate(keyOf(range)) && this.#forget(range);
  }

  /** True: it was asked for. */
  cancelled(range: BlockRange): boolean {
    const asked = this.#forget(range);
    if (asked) this.#late.set(keyOf(range), (this.#late.get(keyOf(range)) ?? 0) + 1);
    return asked;
  }

  #settleLate(key: number): boolean {
    const times = this.#late.get(key);
    if (times === undefined) return false;
    if (times > 1) this.#late.set(key, times - 1);
    else this.#late.delete(key);
    return true;
  }

  /** Nothing is asked on this link any more; names what was. */
  cancelAll(): BlockRange[] {
    const all = [...this.#asked.values()];
    this.#asked.clear();
    this.#askedBytes = 0;
    return all;
  }

  serve(length: number): void {
    this.unsent += PIECE_HEADER_BYTES + length;
    this.waiting--;
  }

  #forget(range: BlockRange): boolean {
    const key = keyOf(range);
    const asked = this.#asked.get(key);
    if (asked === undefined) return false;
    this.#asked.delete(key);
    this.#askedBytes -= asked.length;
    return true;
  }
}

function keyOf(range: BlockRange): number {
  return range.piece * GRID_PER_PIECE + range.offset / BLOCK_GRID_BYTES;
}
