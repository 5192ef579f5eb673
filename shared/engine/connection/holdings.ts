/**
 * What one peer has said it has ([BF2]): a bitfield replaces all that was known, haves add to it. Said before the
 * manifest is known it is kept, within bounds, and judged when the number of pieces is. Owns that set alone; who counts
 * copies is told what changed.
 */
import { Bitfield } from '../../bitfield.ts';
import { MAX_PIECES } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { Violation } from '../../protocol/frames.ts';

export class Holdings {
  #has: Bitfield | null = null;
  #earlyBits: Uint8Array | null = null;
  #earlyHaves: number[] = [];

  /** Null until the peer has said so and the manifest is known. Not to be changed by others. */
  get has(): Bitfield | null {
    return this.#has;
  }

  /** `pieces`: how many the share has; null: that is not known yet. */
  saidBitfield(bits: Uint8Array, pieces: number | null): Violation | null {
    if (pieces === null) {
      this.#earlyBits = bits.slice();
      this.#earlyHaves = [];
      return null;
    }
    const parsed = Bitfield.parse(bits, pieces);
    if (parsed === null) return violation('bitfield', `a bitfield that does not fit ${pieces} pieces`);
    this.#has = parsed;
    return null;
  }

  /** Have frames before the manifest. */
  saidHaveEarly(pieces: readonly number[]): Violation | null {
    if (this.#earlyHaves.length + pieces.length > MAX_PIECES) {
      return violation('no-such-piece', 'more have frames than a share has pieces');
    }
    this.#earlyHaves.push(...pieces);
    return null;
  }

  /** One more piece. True: it is new. */
  gained(piece: number, pieces: number): boolean {
    this.#has ??= Bitfield.empty(pieces);
    return this.#has.add(piece);
  }

  /** It does not have the piece, whatever it said. True: it had said so. */
  missed(piece: number): boolean {
    return this.#has?.remove(piece) === true;
  }

  /** The manifest became known: what was said early is judged now. */
  learnPieceCount(pieces: number): Violation | null {
    const [bits, haves] = [this.#earlyBits, this.#earlyHaves];
    this.#earlyBits = null;
    this.#earlyHaves = [];
    if (bits === null && haves.length === 0) return null;
    const bad = bits === null ? null : this.saidBitfield(bits, pieces);
    if (bad !== null) return bad;
    for (const piece of haves) {
      if (piece >= pieces) return violation('no-such-piece', `a have of piece ${piece} of ${pieces}`);
      this.gained(piece, pieces);
    }
    this.#has ??= Bitfield.empty(pieces);
    return null;
  }

  /** The connection is gone. */
  forget(): void {
    this.#has = null;
  }
}
