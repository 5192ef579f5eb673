/**
 * Which block one peer has asked of how many others and which is here ([SM5]), on the grid that names blocks. Tells
 * a block that has two owners for a reason (end game, a request that is late, a piece that was corrupt before) from
 * one that has them by mistake.
 */
import type { Bitfield } from '../bitfield.ts';
import { BLOCK_GRID_BYTES } from '../limits.ts';
import type { BlockRange } from '../protocol/frames.ts';
import type { SyntheticShare } from './share.ts';

/** A request of so many ms may be given to another peer as well. */
const LATE_MS = 1_000;

/** Whose a block was when it was asked for: nobody's, here already, somebody's for a reason, or by mistake. */
export type Owner = 'nobody' | 'here' | 'late' | 'end game' | 'somebody';

export class BlockBook {
  readonly #share: SyntheticShare;
  /** The first cell of each piece, and behind the last. */
  readonly #starts: Uint32Array;
  readonly #askers: Uint8Array;
  readonly #here: Uint8Array;
  readonly #askedAt: Float64Array;
  /** Cells of each wanted piece that are neither here nor asked for. */
  readonly #free: Uint32Array;
  /** Pieces that were corrupt once: they come anew from one peer, and may be abandoned on the way. */
  readonly #suspect = new Set<number>();

  /** `wanted`: what may be asked for; null: all. */
  constructor(share: SyntheticShare, seed: boolean, wanted: Bitfield | null = null) {
    this.#share = share;
    const pieces = seed ? [] : share.manifest.pieces;
    this.#starts = new Uint32Array(pieces.length + 1);
    this.#free = new Uint32Array(pieces.length);
    pieces.forEach((piece, at) => {
      const cells = Math.ceil(piece.size / BLOCK_GRID_BYTES);
      // What is not wanted is no reason to wait for.
      this.#free[at] = wanted?.has(at) === false ? 0 : cells;
      this.#starts[at + 1] = (this.#starts[at] ?? 0) + cells;
    });
    const cells = this.#starts[pieces.length] ?? 0;
    this.#askers = new Uint8Array(cells);
    this.#here = new Uint8Array(cells);
    this.#askedAt = new Float64Array(cells);
  }

  /** Room for pieces that were corrupt, on top of what may be held. */
  get suspectBytes(): number {
    return this.#suspect.size * this.#share.sizeOf(0);
  }

  /** A block is asked of a peer that has `has`. */
  ask(range: BlockRange, now: number, has: Bitfield): Owner {
    const owner = this.#ownerOf(range, now, has);
    const end = this.#endOf(range);
    for (let cell = this.#cellOf(range); cell < end; cell++) {
      if (this.#isFree(cell)) this.#countFree(range.piece, -1);
      if (this.#askers[cell] === 0) this.#askedAt[cell] = now;
      this.#askers[cell] = (this.#askers[cell] ?? 0) + 1;
    }
    return owner;
  }

  /** It is not asked of one peer any more. */
  unask(range: BlockRange): void {
    const end = this.#endOf(range);
    for (let cell = this.#cellOf(range); cell < end; cell++) {
      this.#askers[cell] = (this.#askers[cell] ?? 1) - 1;
      if (this.#isFree(cell)) this.#countFree(range.piece, 1);
    }
  }

  /** A block came. False: it was here already. */
  received(range: BlockRange): boolean {
    const end = this.#endOf(range);
    let isNew = false;
    for (let cell = this.#cellOf(range); cell < end; cell++) {
      if (this.#isFree(cell)) this.#countFree(range.piece, -1);
      if (this.#here[cell] === 0) isNew = true;
      this.#here[cell] = 1;
    }
    return isNew;
  }

  corrupt(piece: number): void {
    this.#suspect.add(piece);
    const end = this.#starts[piece + 1] ?? 0;
    for (let cell = this.#starts[piece] ?? 0; cell < end; cell++) {
      this.#here[cell] = 0;
      if (this.#isFree(cell)) this.#countFree(piece, 1);
    }
  }

  #ownerOf(range: BlockRange, now: number, has: Bitfield): Owner {
    if (this.#suspect.has(range.piece)) return 'nobody';
    const end = this.#endOf(range);
    let owner: Owner = 'nobody';
    for (let cell = this.#cellOf(range); cell < end; cell++) {
      if (this.#here[cell] === 1) return 'here';
      if (this.#askers[cell] === 0) continue;
      if (now - (this.#askedAt[cell] ?? 0) >= LATE_MS) owner = 'late';
      else return this.#isEndGame(has) ? 'end game' : 'somebody';
    }
    return owner;
  }

  /** Nothing else is left to ask of a peer that has `has`. */
  #isEndGame(has: Bitfield): boolean {
    return this.#free.every((free, piece) => free === 0 || this.#suspect.has(piece) || !has.has(piece));
  }

  #isFree(cell: number): boolean {
    return this.#askers[cell] === 0 && this.#here[cell] === 0;
  }

  #countFree(piece: number, by: 1 | -1): void {
    this.#free[piece] = (this.#free[piece] ?? 0) + by;
  }

  #cellOf(range: BlockRange): number {
    return (this.#starts[range.piece] ?? 0) + Math.floor(range.offset / BLOCK_GRID_BYTES);
  }

  #endOf(range: BlockRange): number {
    return (this.#starts[range.piece] ?? 0) + Math.ceil((range.offset + range.length) / BLOCK_GRID_BYTES);
  }
}
