/**
 * A set of pieces as the wire has it ([BF1]): one bit a piece, high bit first, spare bits zero. This class is the
 * one owner of those bytes and of their count: spare bits stay zero and `count` is right, whatever is called.
 * Knows no frames. Nothing is allocated in `has`, `add` and `remove`: they run for every block.
 */
import { assert } from './assert.ts';

export class Bitfield {
  /** How many pieces the set is about, owned or not. */
  readonly pieces: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes and up to three zeros behind them, 32 pieces to a word, in whatever order the machine has them. */
  readonly #words: Uint32Array<ArrayBuffer>;
  #count = 0;

  private constructor(pieces: number) {
    assert(Number.isSafeInteger(pieces) && pieces >= 0, 'a bitfield is about a number of pieces');
    this.pieces = pieces;
    this.#words = new Uint32Array(Math.ceil(pieces / 32));
    this.#bytes = new Uint8Array(this.#words.buffer, 0, Math.ceil(pieces / 8));
  }

  static empty(pieces: number): Bitfield {
    return new Bitfield(pieces);
  }

  static full(pieces: number): Bitfield {
    const all = new Bitfield(pieces);
    all.#bytes.fill(0xff);
    const last = all.#bytes.length - 1;
    if (last >= 0) all.#bytes[last] = 0xff & ~spareMask(pieces);
    all.#count = pieces;
    return all;
  }

  static of(pieces: number, members: Iterable<number>): Bitfield {
    const some = new Bitfield(pieces);
    for (const piece of members) some.add(piece);
    return some;
  }

  /** A peer's bytes, copied; null unless they are exactly ceil(pieces / 8) with spare bits zero. */
  static parse(bytes: Uint8Array, pieces: number): Bitfield | null {
    const parsed = new Bitfield(pieces);
    if (bytes.length !== parsed.#bytes.length) return null;
    if (bytes.length > 0 && ((bytes[bytes.length - 1] ?? 0) & spareMask(pieces)) !== 0) return null;
    parsed.#bytes.set(bytes);
    for (const byte of bytes) parsed.#count += bitsIn(byte);
    return parsed;
  }

  /** How many pieces are in the set. */
  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.pieces;
  }

  has(piece: number): boolean {
    this.#check(piece);
    return ((this.#bytes[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
  }

  /** True when the piece is new in the set. */
  add(piece: number): boolean {
    if (this.has(piece)) return false;
    this.#bytes[piece >> 3] = (this.#bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    this.#count++;
    return true;
  }

  /** True when the piece was in the set. */
  remove(piece: number): boolean {
    if (!this.has(piece)) return false;
    this.#bytes[piece >> 3] = (this.#bytes[piece >> 3] ?? 0) & ~(0x80 >> (piece & 7));
    this.#count--;
    return true;
  }

  /** Is anything in this set that is not in the other? Both are of one share. */
  hasMoreThan(other: Bitfield): boolean {
    assert(other.pieces === this.pieces, 'two bitfields of one share');
    const [own, others] = [this.#words, other.#words];
    for (let at = 0; at < own.length; at++) if (((own[at] ?? 0) & ~(others[at] ?? 0)) !== 0) return true;
    return false;
  }

  /** Is anything in both sets? Both are of one share. */
  intersects(other: Bitfield): boolean {
    assert(other.pieces === this.pieces, 'two bitfields of one share');
    const [own, others] = [this.#words, other.#words];
    for (let at = 0; at < own.length; at++) if (((own[at] ?? 0) & (others[at] ?? 0)) !== 0) return true;
    return false;
  }

  /**
   * The first piece in [from, to) that is in both sets; null: none. Looks at 32 pieces at a time, so that the largest
   * share takes 512 steps, and one by one only where both sets have something and at the two ends.
   */
  firstCommon(other: Bitfield, from: number, to: number): number | null {
    assert(other.pieces === this.pieces, 'two bitfields of one share');
    const end = Math.min(to, this.pieces);
    for (let start = from; start < end; start = (start | 31) + 1) {
      if (((this.#words[start >> 5] ?? 0) & (other.#words[start >> 5] ?? 0)) === 0) continue;
      const wordEnd = Math.min(end, (start | 31) + 1);
      for (let piece = start; piece < wordEnd; piece++) if (this.has(piece) && other.has(piece)) return piece;
    }
    return null;
  }

  /** A copy, as the wire has it. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice();
  }

  /** The pieces in the set, ascending. */
  *members(): Generator<number> {
    for (let piece = 0; piece < this.pieces; piece++) if (this.has(piece)) yield piece;
  }

  copy(): Bitfield {
    const twin = new Bitfield(this.pieces);
    twin.#bytes.set(this.#bytes);
    twin.#count = this.#count;
    return twin;
  }

  #check(piece: number): void {
    // `>>>` also tells fractions, negative numbers and NaN from an index.
    assert(piece >>> 0 === piece && piece < this.pieces, 'a piece of this share');
  }
}

/** The bits of the last byte that stand for no piece. */
function spareMask(pieces: number): number {
  return pieces % 8 === 0 ? 0 : 0xff >> (pieces % 8);
}

function bitsIn(byte: number): number {
  const pairs = byte - ((byte >> 1) & 0x55);
  const nibbles = (pairs & 0x33) + ((pairs >> 2) & 0x33);
  return (nibbles + (nibbles >> 4)) & 0x0f;
}
