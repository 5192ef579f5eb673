/**
 * A server on the web that has the whole share ([SM12]): sends each peer the ranges that it asks for, one behind the other at
 * a rate of that peer's own, and counts what it sends. Its bytes are right, which in a simulation is nothing but zeros.
 */
import type { Input, Output } from '../engine/io.ts';
import type { EventQueue } from './event-queue.ts';

type Order = Output & { kind: 'fetch-range' };

/** Bytes that a peer is told of at once. */
const CHUNK_BYTES = 262_144;

/** One peer's line to it. */
export class OriginLine {
  readonly #queue: EventQueue;
  /** Bytes per ms. */
  readonly #rate: number;
  readonly #latency: number;
  readonly #feed: (input: Input) => void;
  readonly #open = new Set<number>();
  #freeAt = 0;
  sentBytes = 0;

  /** `latency` in ms, one way. */
  constructor(queue: EventQueue, rate: number, latency: number, feed: (input: Input) => void) {
    this.#queue = queue;
    this.#rate = rate;
    this.#latency = latency;
    this.#feed = feed;
  }

  asked({ range, length }: Order): void {
    this.#open.add(range);
    this.#freeAt = Math.max(this.#freeAt, this.#queue.now + 2 * this.#latency);
    for (let from = 0; from < length; from += CHUNK_BYTES) {
      const bytes = Math.min(CHUNK_BYTES, length - from);
      this.#freeAt += bytes / this.#rate;
      this.#queue.after(this.#freeAt - this.#queue.now, () => this.#came(range, bytes));
    }
    this.#queue.after(this.#freeAt - this.#queue.now, () => {
      if (this.#open.delete(range)) this.#feed({ kind: 'range-ended', range });
    });
  }

  givenUp(range: number): void {
    this.#open.delete(range);
  }

  #came(range: number, bytes: number): void {
    if (!this.#open.has(range)) return;
    this.sentBytes += bytes;
    this.#feed({ kind: 'range-came', range, bytes: new Uint8Array(bytes) });
  }
}
