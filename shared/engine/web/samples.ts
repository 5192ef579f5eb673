/**
 * [WS22] Where nobody knows the hashes: which parts of what somebody sent are fetched again, so that whoever falsifies a
 * twentieth of it is found. Of each sender's cells, in the order in which they came, the first 95 are all looked at, and then
 * 95 of each stretch that is as long as all before it, one of each ninety-fifth: whatever twentieth is false, 4.7 of those looked at are
 * of it at least, on average, and the chance that none is lies below 1 in 100. A few bytes of each, at a place drawn by
 * chance, do as well as all of them: where a twentieth of a cell is false, they are of that as often. The sender cannot tell
 * what is looked at: that is drawn here.
 * Owns how far each sender is and what waits to be fetched again. Knows nobody who could be asked.
 */
import { BLOCK_GRID_BYTES, SAMPLE_BYTES } from '../../limits.ts';
import type { PeerId } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { Assembly } from '../pieces/ledger.ts';

/** Cells of each stretch that are looked at: 0.95^95 < 0.01. */
export const SAMPLES_A_STRETCH = 95;
/** Senders that are remembered; who is forgotten begins anew, and is looked at more than it has to be. */
const MOST_SENDERS = 10_000;

/** Part of a piece, as somebody sent it. */
export interface Sample {
  readonly piece: number;
  /** Within the piece. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly sender: PeerId;
}

interface Sender {
  /** Cells that came of it. */
  cells: number;
  /** The stretch under way ends behind so many. */
  end: number;
  /** Which cells of it are looked at; null: all. */
  drawn: ReadonlySet<number> | null;
}

export class Samples {
  readonly #random: Random;
  readonly #senders = new Map<PeerId, Sender>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What is to be looked at of a piece that is whole. `isTrusted`: it comes from where it would be fetched again. */
  of(assembly: Assembly, isTrusted: (sender: PeerId) => boolean): Sample[] {
    const samples: Sample[] = [];
    for (let cell = 0; cell < assembly.cells; cell++) {
      const sender = assembly.senders[cell] ?? null;
      if (sender === null || isTrusted(sender)) continue;
      if (this.#isNextLookedAt(sender)) samples.push(this.#sample(assembly, cell, sender));
    }
    return samples;
  }

  forget(sender: PeerId): void {
    this.#senders.delete(sender);
  }

  #sample({ piece, size, bytes }: Assembly, cell: number, sender: PeerId): Sample {
    const begin = cell * BLOCK_GRID_BYTES;
    const cellBytes = Math.min(BLOCK_GRID_BYTES, size - begin);
    const length = Math.min(SAMPLE_BYTES, cellBytes);
    const offset = begin + this.#random.below(cellBytes - length + 1);
    return { piece, offset, bytes: bytes.slice(offset, offset + length), sender };
  }

  #isNextLookedAt(sender: PeerId): boolean {
    const known = this.#senders.get(sender) ?? this.#newSender(sender);
    const cell = known.cells++;
    if (cell >= known.end) this.#newStretch(known);
    return known.drawn === null || known.drawn.has(cell);
  }

  #newSender(sender: PeerId): Sender {
    const [oldest] = this.#senders.size >= MOST_SENDERS ? this.#senders.keys() : [];
    if (oldest !== undefined) this.#senders.delete(oldest);
    const fresh = { cells: 0, end: SAMPLES_A_STRETCH, drawn: null };
    this.#senders.set(sender, fresh);
    return fresh;
  }

  /** As long as everything before it. */
  #newStretch(sender: Sender): void {
    const begin = sender.end;
    const drawn = new Set<number>();
    // One of each ninety-fifth, so that never much more than is due has been looked at when the sender ends.
    for (let nth = 0; nth < SAMPLES_A_STRETCH; nth++) {
      const [from, to] = [nth, nth + 1].map((part) => Math.floor((part * begin) / SAMPLES_A_STRETCH));
      drawn.add(begin + (from ?? 0) + this.#random.below((to ?? 0) - (from ?? 0)));
    }
    [sender.end, sender.drawn] = [2 * begin, drawn];
  }
}
