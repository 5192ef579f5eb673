/**
 * [EN8] Who has all of it by now and had not when we met: each peer is told of once. A peer that comes with everything
 * got it elsewhere. Owns whom it has seen without, the latest of them.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { PeerId } from '../../ids.ts';
import type { Output } from '../io.ts';

/** More than one share has at a time; whoever is forgotten counts as one that came with everything. */
const MOST_REMEMBERED = 10_000;

export class Deliveries {
  readonly #unfinished = new Set<PeerId>();

  /** What the peer has by its own word changed. */
  saw(peer: PeerId, has: Bitfield | null, pieceCount: number, out: Output[]): void {
    if (has === null || has.count < pieceCount) {
      this.#unfinished.add(peer);
      if (this.#unfinished.size > MOST_REMEMBERED) this.#forgetOldest();
    } else if (this.#unfinished.delete(peer)) {
      out.push({ kind: 'report', event: { kind: 'peer-completed', peer } });
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#unfinished;
    if (oldest !== undefined) this.#unfinished.delete(oldest);
  }
}
