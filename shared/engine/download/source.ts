/**
 * A source is someone who has pieces and can be asked for ranges of them: a peer today, a URL some day. The request
 * book asks sources and knows nothing of frames; what asking means is the source's own matter.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { LinkId, PeerId } from '../../ids.ts';
import type { BlockRange } from '../../protocol/frames.ts';
import type { Wire } from '../connection/wire.ts';
import type { Holdings } from '../connection/holdings.ts';
import type { Output } from '../io.ts';
import { TokenBucket } from '../meters/token-bucket.ts';
import { Pipeline } from './pipeline.ts';

export interface Source {
  /** Names the source in its machine. */
  readonly link: LinkId;
  /** Who answers for what it sends ([PL5]). */
  readonly peer: PeerId;
  /** What it has; null: that is not known yet. */
  readonly has: Bitfield | null;
  /** It may be asked for nothing now ([CH1]). */
  readonly choked: boolean;
  /** What it may send by its own rate limit ([RL1]). */
  readonly limit: TokenBucket;
  readonly pipeline: Pipeline;
  /** It does not send what was cancelled in time. */
  readonly cancels: boolean;
  request(range: BlockRange, out: Output[]): void;
  /** The range is not wanted any more; it may come all the same. */
  cancel(range: BlockRange, out: Output[]): void;
}

/** A peer as a source: asks by frames, and is told by frames whether it may. */
export class PeerSource implements Source {
  readonly limit = new TokenBucket();
  readonly pipeline: Pipeline;
  readonly #wire: Wire;
  readonly #holdings: Holdings;
  /** Peers begin unchoked. */
  #choked = false;
  /** [WS21] It has not said yet that it speaks of the same file. */
  #mustAgree = false;
  /** It was told that we do not want what it has shown, and has not told anew what it has. */
  #refused = false;

  constructor(wire: Wire, holdings: Holdings) {
    this.#wire = wire;
    this.#holdings = holdings;
    this.pipeline = new Pipeline(wire.openedAt);
  }

  get link(): LinkId {
    return this.#wire.link;
  }

  get peer(): PeerId {
    return this.#wire.peer;
  }

  get has(): Bitfield | null {
    return this.#holdings.has;
  }

  get choked(): boolean {
    return this.#choked || this.#mustAgree;
  }

  get cancels(): boolean {
    return this.#wire.extended;
  }

  /** [CH1] The peer lets us ask nothing more, or lets us in again. */
  choke(): void {
    this.#choked = true;
  }

  unchoke(): void {
    this.#choked = false;
    this.pipeline.turnBegan();
  }

  /** [WS21] It is asked for nothing until it agrees. */
  waitToAgree(): void {
    this.#mustAgree = true;
  }

  /** [WS21] It speaks of the same file, as far as it has to say so. */
  get agrees(): boolean {
    return !this.#mustAgree;
  }

  agree(): void {
    this.#mustAgree = false;
  }

  request({ piece, offset, length }: BlockRange, out: Output[]): void {
    this.#wire.send({ kind: 'request', piece, offset, length }, out);
  }

  /** [PK6] We do not want what it has shown us: said once, of the first of these pieces. */
  refuse({ piece, offset, length }: BlockRange, out: Output[]): void {
    if (this.#refused || !this.#wire.extended) return;
    this.#refused = true;
    this.#wire.send({ kind: 'reject', piece, offset, length }, out);
  }

  /** What it shows from now on is another matter. */
  toldAnew(): void {
    this.#refused = false;
  }

  /** [RQ4] An unmodified peer would be out of step for good. */
  cancel(range: BlockRange, out: Output[]): void {
    if (this.#wire.extended) this.#wire.send({ ...range, kind: 'cancel' }, out);
  }
}
