/**
 * A byte stream between two parties of a test, both ways: it delivers when told, cut anywhere, and never loses a
 * byte. Knows no frames.
 */
import type { PeerId } from '../../ids.ts';
import type { Random } from '../../random.ts';
import type { LinkRole } from '../io.ts';

/** What a party does with its end. */
export interface PipeEnd {
  received(bytes: Uint8Array): void;
  /** That many of the bytes it wrote have left. */
  left(bytes: number): void;
  closed(): void;
}

/** What a party can do to the pipe. */
export interface Line {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Somebody who can be at the end of a pipe. */
export interface Party {
  readonly id: PeerId;
  attach(role: LinkRole, expected: PeerId | null, line: Line): PipeEnd;
}

/** Cuts of a stream: how many of the `waiting` bytes come at once. At least 1, at most `waiting`. */
export type Cut = (waiting: number, random: Random) => number;

/** Mostly large chunks, which are quick; every third a splinter, which is where decoders break. */
export const anywhere: Cut = (waiting, random) =>
  Math.min(waiting, 1 + (random.below(3) === 0 ? random.below(24) : random.below(200_000)));

export const whole: Cut = (waiting) => waiting;

export const byteByByte: Cut = () => 1;

class Direction {
  /** Nothing is delivered while the test holds it. */
  held = false;
  waiting = 0;
  /** All that was ever written. */
  written = 0;
  closing = false;
  readonly #chunks: Uint8Array[] = [];

  push(bytes: Uint8Array): void {
    if (this.closing || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.waiting += bytes.length;
    this.written += bytes.length;
  }

  take(count: number): Uint8Array {
    const first = this.#chunks[0] ?? new Uint8Array(0);
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count);
      this.waiting -= count;
      return first.subarray(0, count);
    }
    // Several messages of a channel never arrive as one; a chunk ends where a message does.
    this.#chunks.shift();
    this.waiting -= first.length;
    return first;
  }

  empty(): void {
    this.#chunks.length = 0;
    this.waiting = 0;
  }
}

type Side = 0 | 1;

export class Pipe {
  /** `directions[0]`: from the dialler to the acceptor. */
  readonly directions = [new Direction(), new Direction()] as const;
  closed = false;
  readonly #ends: [PipeEnd, PipeEnd];

  constructor(dialler: Party, acceptor: Party, expectedByDialler: boolean, expectedByAcceptor: boolean) {
    const silent: PipeEnd = { received: () => undefined, left: () => undefined, closed: () => undefined };
    this.#ends = [silent, silent];
    this.#ends[1] = acceptor.attach('acceptor', expectedByAcceptor ? dialler.id : null, this.#line(1));
    this.#ends[0] = dialler.attach('dialler', expectedByDialler ? acceptor.id : null, this.#line(0));
  }

  /** Is there anything that `step` could deliver? */
  get ready(): boolean {
    return ([0, 1] as const).some((side) => this.#isReady(side));
  }

  get waiting(): number {
    return this.directions[0].waiting + this.directions[1].waiting;
  }

  /** Delivers one chunk in one direction, or the end of the stream. */
  step(random: Random, cut: Cut): void {
    const sides = ([0, 1] as const).filter((side) => this.#isReady(side));
    const side = sides[random.below(sides.length)];
    if (side === undefined) return;
    const from = this.directions[side];
    if (from.waiting === 0) return this.#end(side === 0 ? 1 : 0);
    const chunk = from.take(Math.max(1, cut(from.waiting, random)));
    if (!from.closing) this.#ends[side].left(chunk.length);
    this.#ends[side === 0 ? 1 : 0].received(chunk);
  }

  #isReady(side: Side): boolean {
    const { held, waiting, closing } = this.directions[side];
    return !this.closed && !held && (waiting > 0 || closing);
  }

  #end(side: Side): void {
    this.closed = true;
    this.#ends[side].closed();
  }

  #line(side: Side): Line {
    const mine = this.directions[side];
    const theirs = this.directions[side === 0 ? 1 : 0];
    return {
      write: (bytes) => mine.push(bytes),
      close: () => {
        // Who closes hears no more; what it wrote before still arrives.
        theirs.empty();
        if (theirs.closing) this.closed = true;
        mine.closing = true;
        theirs.held = true;
      },
    };
  }
}
