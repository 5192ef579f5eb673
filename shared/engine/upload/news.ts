/**
 * What one peer was told of our pieces ([PL3] [UP3]): whether it was told at all, which new ones it was not told of
 * yet, and when an unmodified one is due the next whole bitfield. Sends them; decides nothing about who may know what.
 */
import type { Bitfield } from '../../bitfield.ts';
import { MAX_HAVE_INDEXES } from '../../limits.ts';
import type { Wire } from '../connection/wire.ts';
import type { Output } from '../io.ts';

export class News {
  readonly #wire: Wire;
  #told = false;
  /** It could not ask for them now anyway. */
  #untold: number[] = [];
  #bitfieldDueAt = Infinity;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** It was told what we have. */
  get told(): boolean {
    return this.#told;
  }

  /** The whole bitfield, which says everything. */
  tellAll(owned: Bitfield, out: Output[]): void {
    this.#wire.send({ kind: 'bitfield', bits: owned.toBytes() }, out);
    this.#told = true;
    this.#bitfieldDueAt = Infinity;
  }

  /** Somebody else decides what it is told of from now on. */
  leaveTo(shown: Bitfield, out: Output[]): void {
    this.#untold = [];
    this.#told = true;
    this.#wire.send({ kind: 'bitfield', bits: shown.toBytes() }, out);
  }

  /** It was told by the capability, or by somebody else. */
  wasTold(): void {
    this.#told = true;
  }

  add(piece: number, atOnce: boolean, out: Output[]): void {
    this.#untold.push(piece);
    if (atOnce || this.#untold.length === MAX_HAVE_INDEXES) this.tellRest(out);
  }

  /** A piece is ours no more. */
  forget(piece: number): void {
    if (this.#untold.includes(piece)) this.#untold = this.#untold.filter((other) => other !== piece);
  }

  tellRest(out: Output[]): void {
    if (this.#untold.length === 0) return;
    this.#wire.send({ kind: 'have', pieces: this.#untold }, out);
    this.#untold = [];
  }

  /** A whole bitfield at that time, or at the one before that it was due. */
  bitfieldDue(at: number): void {
    this.#bitfieldDueAt = Math.min(this.#bitfieldDueAt, at);
  }

  isBitfieldDue(now: number): boolean {
    return now >= this.#bitfieldDueAt;
  }
}
