/**
 * [WS22] Fetches parts of what somebody sent a second time: from the server itself where that may be asked, else from a
 * peer that did not send it. Owns which are out, and whom each was asked of. Says what came of each, and judges nobody.
 */
import type { LinkId, PeerId } from '../../ids.ts';
import type { BlockRange, Frame } from '../../protocol/frames.ts';
import type { Connection } from '../connection/connection.ts';
import type { Input, Output } from '../io.ts';
import type { Sample } from './samples.ts';

/** Of the server at a time, beside the ranges of what is missing. */
const MOST_OF_SERVER = 4;
/** Of one peer at a time. */
const MOST_OF_PEER = 2;
/** ms until somebody else is asked. */
const ANSWER_MS = 20_000;
/** ms for which a server that did not answer is let be. */
const SERVER_RESTS_MS = 5_000;
/** ms after which one that nobody can be asked about is let be. */
const GIVE_UP_MS = 60_000;

type LookInput = Input & { kind: 'range-came' | 'range-ended' | 'range-failed' };

interface Look {
  readonly sample: Sample;
  /** Since when it waits, or is out, in ms. */
  since: number;
  /** Who could not say. */
  readonly notOf: Set<PeerId | null>;
}

interface RangeLook extends Look {
  readonly bytes: Uint8Array;
  filled: number;
}

interface PeerLook {
  readonly look: Look;
  readonly peer: PeerId;
  readonly range: BlockRange;
  /** Nobody waits for it any more; it may come all the same. */
  over: boolean;
}

export interface SecondLooksOptions {
  readonly connections: Iterable<Connection>;
  /** Orders it of the server; null: that cannot be asked now. The answer names the order. */
  readonly order: (range: BlockRange, out: Output[]) => number | null;
  readonly abort: (range: number, out: Output[]) => void;
  /** `by`: who sent it a second time; null: the server. */
  readonly seen: (sample: Sample, bytes: Uint8Array, by: PeerId | null, now: number, out: Output[]) => void;
  /** Nobody could be asked. */
  readonly unseen: (sample: Sample) => void;
}

export class SecondLooks {
  readonly #options: SecondLooksOptions;
  #waiting: Look[] = [];
  readonly #ofServer = new Map<number, RangeLook>();
  readonly #ofPeers = new Map<LinkId, PeerLook[]>();
  /** ms; it is not asked before. */
  #serverAt = -Infinity;

  constructor(options: SecondLooksOptions) {
    this.#options = options;
  }

  /** That wait or are out. */
  get size(): number {
    const ofPeers = [...this.#ofPeers.values()].flat().filter(({ over }) => !over);
    return this.#waiting.length + this.#ofServer.size + ofPeers.length;
  }

  add(samples: readonly Sample[], now: number): void {
    for (const sample of samples) this.#waiting.push({ sample, since: now, notOf: new Set([sample.sender]) });
  }

  /** Of what it sent nothing is looked at any more, nor at what it says of others'. */
  forget(sender: PeerId, out: Output[]): void {
    this.#waiting = this.#waiting.filter(({ sample }) => sample.sender !== sender);
    for (const [range, { sample }] of [...this.#ofServer]) {
      if (sample.sender !== sender) continue;
      this.#ofServer.delete(range);
      this.#options.abort(range, out);
    }
    for (const one of [...this.#ofPeers.values()].flat())
      if (one.look.sample.sender === sender) one.over = true;
  }

  /** Asks whoever can be asked; lets be what nobody could be asked about for long. */
  run(now: number, out: Output[]): void {
    this.#expire(now);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const look of waiting) {
      if (this.#askServer(look, now, out) || this.#askPeer(look, now, out)) continue;
      if (now - look.since < GIVE_UP_MS) this.#waiting.push(look);
      else this.#options.unseen(look.sample);
    }
  }

  // What comes of it

  isOut(range: number): boolean {
    return this.#ofServer.has(range);
  }

  handle(input: LookInput, now: number, out: Output[]): void {
    if (input.kind === 'range-came') return this.#rangeCame(input.range, input.bytes);
    if (input.kind === 'range-ended') return this.#rangeEnded(input.range, now, out);
    return this.#rangeFailed(input.range, input.retryMs, now);
  }

  #rangeCame(range: number, bytes: Uint8Array): void {
    const look = this.#ofServer.get(range);
    if (look === undefined) return;
    const some = bytes.subarray(0, look.bytes.length - look.filled);
    look.bytes.set(some, look.filled);
    look.filled += some.length;
  }

  #rangeEnded(range: number, now: number, out: Output[]): void {
    const look = this.#ofServer.get(range);
    this.#ofServer.delete(range);
    if (look === undefined) return;
    if (look.filled === look.bytes.length) this.#options.seen(look.sample, look.bytes, null, now, out);
    else this.#again(look, now);
  }

  /** The server is let be for a while: others may say it meanwhile. `retryMs`: how long it wants to be. */
  #rangeFailed(range: number, retryMs: number, now: number): void {
    const look = this.#ofServer.get(range);
    this.#ofServer.delete(range);
    this.#serverAt = now + Math.max(SERVER_RESTS_MS, Math.min(retryMs, GIVE_UP_MS));
    if (look !== undefined) this.#again(look, now);
  }

  /** The server may not be asked any more, or nobody may. */
  leaveServer(now: number, out: Output[]): void {
    for (const [range, look] of [...this.#ofServer]) {
      this.#ofServer.delete(range);
      this.#options.abort(range, out);
      this.#again(look, now);
    }
  }

  /** True: it was asked for here. */
  blockCame(link: LinkId, frame: Frame & { kind: 'piece' }, now: number, out: Output[]): boolean {
    const { piece, offset, data } = frame;
    const asked = this.#take(link, { piece, offset, length: data.length });
    if (asked === null) return false;
    if (!asked.over) this.#options.seen(asked.look.sample, data, asked.peer, now, out);
    return true;
  }

  /** True: it was asked for here. */
  rejected(link: LinkId, range: BlockRange, now: number): boolean {
    const asked = this.#take(link, range);
    if (asked === null) return false;
    asked.look.notOf.add(asked.peer);
    if (!asked.over) this.#again(asked.look, now);
    return true;
  }

  closed(link: LinkId, now: number): void {
    const asked = this.#ofPeers.get(link) ?? [];
    this.#ofPeers.delete(link);
    for (const { look, over } of asked) if (!over) this.#again(look, now);
  }

  #askServer(look: Look, now: number, out: Output[]): boolean {
    if (this.#ofServer.size >= MOST_OF_SERVER || now < this.#serverAt) return false;
    const { piece, offset, bytes } = look.sample;
    const range = this.#options.order({ piece, offset, length: bytes.length }, out);
    if (range === null) return false;
    this.#ofServer.set(range, { ...look, since: now, bytes: new Uint8Array(bytes.length), filled: 0 });
    return true;
  }

  /** Where the server can be asked, it is waited for. */
  #askPeer(look: Look, now: number, out: Output[]): boolean {
    if (this.#ofServer.size > 0) return false;
    const { piece, offset, bytes } = look.sample;
    for (const { wire, source } of this.#options.connections) {
      if (!wire.open || !wire.extended || source.choked || source.has?.has(piece) !== true) continue;
      const asked = this.#ofPeers.get(wire.link) ?? [];
      if (look.notOf.has(wire.peer) || asked.length >= MOST_OF_PEER) continue;
      const range = { piece, offset, length: bytes.length };
      source.request(range, out);
      asked.push({ look: { ...look, since: now }, peer: wire.peer, range, over: false });
      this.#ofPeers.set(wire.link, asked);
      return true;
    }
    return false;
  }

  #expire(now: number): void {
    for (const asked of [...this.#ofPeers.values()].flat()) {
      if (asked.over || now - asked.look.since < ANSWER_MS) continue;
      asked.over = true;
      asked.look.notOf.add(asked.peer);
      this.#again(asked.look, now);
    }
  }

  #again(look: Look, now: number): void {
    this.#waiting.push({ sample: look.sample, notOf: look.notOf, since: now });
  }

  #take(link: LinkId, { piece, offset, length }: BlockRange): PeerLook | null {
    const asked = this.#ofPeers.get(link) ?? [];
    const nth = asked.findIndex(
      ({ range }) => range.piece === piece && range.offset === offset && range.length === length,
    );
    return nth < 0 ? null : (asked.splice(nth, 1)[0] ?? null);
  }
}
