/**
 * Chooses the next piece to begin with a peer ([PK1] [PK2]): the rarest among those it has, ties by chance, or the
 * first of a sequence. Owns the availability of every piece: how many connected peers have it. Wanted pieces stand in
 * one array sorted by availability, cut into buckets, so that a peer's coming, going or have moves an index by one
 * swap and choosing reads from the rarest end; and in one set, of which 32 are compared with a peer's at a time.
 * Nothing looks at all pieces one by one. Knows no blocks, no rates and no time.
 */
import { assert } from '../../assert.ts';
import { Bitfield } from '../../bitfield.ts';
import type { Random } from '../../random.ts';
import type { PieceSequence } from './piece-order.ts';

const NOT_WANTED = -1;

export class PiecePicker {
  readonly #random: Random;
  readonly #mayWant: (piece: number) => boolean;
  readonly #availability: Uint16Array;
  /** Wanted pieces, rarest first; and the same ones as a set. */
  readonly #order: number[] = [];
  readonly #wanted: Bitfield;
  /** Where in `#order` a piece stands, or NOT_WANTED. */
  readonly #position: Int32Array;
  /** `#starts[a]`: the first position of availability a; the bucket ends where the next begins. */
  readonly #starts: number[] = [0];

  /** `mayWant`: false for pieces that are wanted in no case. */
  constructor(pieceCount: number, random: Random, mayWant: (piece: number) => boolean = () => true) {
    this.#random = random;
    this.#mayWant = mayWant;
    this.#availability = new Uint16Array(pieceCount);
    this.#wanted = Bitfield.empty(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(NOT_WANTED);
  }

  /** Wanted pieces that some connected peer has. */
  get obtainableCount(): number {
    return this.#order.length - (this.#starts[1] ?? this.#order.length);
  }

  /** Of every piece, 255 where there are more. */
  copies(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#availability, (copies) => Math.min(copies, 255));
  }

  availability(piece: number): number {
    return this.#availability[piece] ?? 0;
  }

  isAsRare(piece: number, other: number): boolean {
    return this.availability(piece) <= this.availability(other);
  }

  /** False also for what is no piece of the share. */
  isWanted(piece: number): boolean {
    return (this.#position[piece] ?? NOT_WANTED) !== NOT_WANTED;
  }

  /** The piece shall be begun by somebody some time, unless nobody may want it. */
  want(piece: number): void {
    if (this.isWanted(piece) || !this.#mayWant(piece)) return;
    this.#wanted.add(piece);
    const availability = this.availability(piece);
    this.#reach(availability);
    // Room at the very end, then one hole moves down through the buckets above ours.
    let hole = this.#order.length;
    this.#order.push(piece);
    for (let above = this.#starts.length - 1; above > availability; above--) {
      const first = this.#start(above);
      this.#starts[above] = first + 1;
      // An empty bucket begins at the hole: what stands there has moved already.
      if (first === hole) continue;
      this.#put(this.#order[first] as number, hole);
      hole = first;
    }
    this.#put(piece, hole);
  }

  /** The piece was begun, or is owned. */
  unwant(piece: number): void {
    if (!this.isWanted(piece)) return;
    this.#wanted.remove(piece);
    let hole = this.#position[piece] as number;
    for (let bucket = this.availability(piece); bucket < this.#starts.length; bucket++) {
      const last = this.#end(bucket) - 1;
      if (bucket + 1 < this.#starts.length) this.#starts[bucket + 1] = last;
      // An empty bucket ends at the hole: what stands there has moved already.
      if (last === hole) continue;
      this.#put(this.#order[last] as number, hole);
      hole = last;
    }
    assert(hole === this.#order.length - 1, 'the hole ends up at the end');
    this.#order.pop();
    this.#position[piece] = NOT_WANTED;
  }

  peerHas(piece: number): void {
    const before = this.availability(piece);
    this.#reach(before + 1);
    if (this.isWanted(piece)) {
      const last = this.#end(before) - 1;
      this.#swap(this.#position[piece] as number, last);
      this.#starts[before + 1] = last;
    }
    this.#availability[piece] = before + 1;
  }

  peerLost(piece: number): void {
    const before = this.availability(piece);
    assert(before > 0, 'a piece is lost by a peer that had it');
    if (this.isWanted(piece)) {
      const first = this.#start(before);
      this.#swap(this.#position[piece] as number, first);
      this.#starts[before] = first + 1;
    }
    this.#availability[piece] = before - 1;
  }

  /** The rarest wanted piece among those in `has`; each bucket is entered at a place chosen by chance. */
  rarest(has: Bitfield): number | null {
    for (let bucket = 0; bucket < this.#starts.length; bucket++) {
      const found = this.#anyBetween(this.#start(bucket), this.#end(bucket), has);
      if (found !== null) return found;
    }
    return null;
  }

  /** The rarest wanted piece among those that are not in `has`. */
  rarestBut(has: Bitfield): number | null {
    for (let bucket = 0; bucket < this.#starts.length; bucket++) {
      const found = this.#anyBetween(this.#start(bucket), this.#end(bucket), has, false);
      if (found !== null) return found;
    }
    return null;
  }

  /** Any wanted piece among those in `has`, each as likely: what a peer that owns nothing begins with. */
  any(has: Bitfield): number | null {
    return this.#anyBetween(0, this.#order.length, has);
  }

  /** The first wanted piece of the sequence among those in `has`: for playing. */
  first(sequence: PieceSequence, has: Bitfield): number | null {
    return sequence.first(this.#wanted, has);
  }

  /** Does `has` hold anything wanted? */
  wantsAnyOf(has: Bitfield): boolean {
    return this.#wanted.intersects(has);
  }

  #anyBetween(start: number, end: number, has: Bitfield, inside = true): number | null {
    const width = end - start;
    if (width <= 0) return null;
    const entry = this.#random.below(width);
    for (let step = 0; step < width; step++) {
      const piece = this.#order[start + ((entry + step) % width)] as number;
      if (has.has(piece) === inside) return piece;
    }
    return null;
  }

  #start(bucket: number): number {
    return this.#starts[bucket] as number;
  }

  #end(bucket: number): number {
    return this.#starts[bucket + 1] ?? this.#order.length;
  }

  #reach(availability: number): void {
    while (this.#starts.length <= availability) this.#starts.push(this.#order.length);
  }

  #put(piece: number, position: number): void {
    this.#order[position] = piece;
    this.#position[piece] = position;
  }

  #swap(a: number, b: number): void {
    const first = this.#order[a] as number;
    this.#put(this.#order[b] as number, a);
    this.#put(first, b);
  }
}
