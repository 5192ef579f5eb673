/**
 * A peer as somebody we serve: its turn to ask, what it has asked for, and what it was told of our pieces ([CH1]–[CH6]).
 * A turn is a union: what holds while a peer waits is not there while it is served. Its verbs are for choker.ts, which
 * decides whose turn it is; here stands only what a turn is.
 */
import { Allowance } from '../../allowance.ts';
import type { Bitfield } from '../../bitfield.ts';
import type { LinkId } from '../../ids.ts';
import type { Holdings } from '../connection/holdings.ts';
import type { Wire } from '../connection/wire.ts';
import { TokenBucket } from '../meters/token-bucket.ts';
import { Backlog } from './backlog.ts';
import { News } from './news.ts';

export type Turn =
  /** We let it ask nothing for now ([CH1]); of who knows no choke: what it asks for waits ([CH6]). */
  | { readonly kind: 'choked' }
  /** It was let in and has not asked yet. */
  | { readonly kind: 'invited' }
  | {
      readonly kind: 'served';
      /** Bytes that it has asked for in this turn, and when it did last, in ms. */
      readonly asked: number;
      readonly askedAt: number;
    };

/** [WS22] Parts that are served out of turn: of those who look honestly eight are on their way at a time. */
const LOOKS_AT_ONCE = 256;
const LOOKS_A_SECOND = 100;

const CHOKED: Turn = { kind: 'choked' };
const INVITED: Turn = { kind: 'invited' };

/** What the peer has sent us, as far as it counts for its turns ([CH5]). */
export interface Contributor {
  /** Payload in bytes. */
  readonly receivedBytes: number;
}

export class UploadSlot {
  readonly wire: Wire;
  readonly backlog = new Backlog();
  readonly news: News;
  readonly limit = new TokenBucket();
  readonly looks = new Allowance(LOOKS_AT_ONCE, LOOKS_A_SECOND);
  readonly #holdings: Holdings;
  readonly #source: Contributor;
  #turn: Turn = { kind: 'served', asked: 0, askedAt: -Infinity };
  /** Since when it waits for a turn, or has one, in ms. */
  #since = -Infinity;
  /** Who knows no choke: its turn is over when it has been given so many bytes in all. */
  #turnEndsAt = Infinity;
  /** It lacks something we own; looked at now and then. */
  #interested = true;
  /** What we gave it as a super-seed is not seen elsewhere: others come first. */
  #keepsBack = false;
  /** It was told who we are to it: choked or let in ([CH2]). */
  #introduced = false;

  constructor(wire: Wire, holdings: Holdings, source: Contributor) {
    this.wire = wire;
    this.#holdings = holdings;
    this.#source = source;
    this.news = new News(wire);
  }

  get link(): LinkId {
    return this.wire.link;
  }

  get has(): Bitfield | null {
    return this.#holdings.has;
  }

  /** Payload in bytes that it has sent us. */
  get receivedBytes(): number {
    return this.#source.receivedBytes;
  }

  get turn(): Turn {
    return this.#turn;
  }

  get since(): number {
    return this.#since;
  }

  get choked(): boolean {
    return this.#turn.kind === 'choked';
  }

  get interested(): boolean {
    return this.#interested;
  }

  get keepsBack(): boolean {
    return this.#keepsBack;
  }

  get introduced(): boolean {
    return this.#introduced;
  }

  /** It knows no choke, and is given no more in this turn, which is over when all of that has left. */
  get isServedOut(): boolean {
    return !this.wire.extended && this.backlog.givenBytes >= this.#turnEndsAt;
  }

  /**
   * Has it had a turn of so many bytes? By what it asked for; who knows no choke asks whenever it likes, and has had
   * its turn when as much has left.
   */
  hasHad(turnBytes: number): boolean {
    if (!this.wire.extended) return this.backlog.leftBytes >= this.#turnEndsAt;
    return this.#turn.kind === 'served' && this.#turn.asked >= turnBytes;
  }

  /** Bytes that it has asked for in this turn. */
  get askedInTurn(): number {
    return this.#turn.kind === 'served' ? this.#turn.asked : 0;
  }

  /** An open connection, of which nobody knows yet whether it knows choke: what it is sent counts as a turn. */
  meet(turnBytes: number): void {
    this.#turnEndsAt = turnBytes;
  }

  introduce(): void {
    this.#introduced = true;
  }

  setInterested(interested: boolean): void {
    this.#interested = interested;
  }

  setKeepsBack(keepsBack: boolean): void {
    this.#keepsBack = keepsBack;
  }

  choke(now: number): void {
    this.#turn = CHOKED;
    this.#since = now;
  }

  /** Its turn, of so many bytes, begins, or goes on with another. `invited`: it is expected to ask now. */
  begin(now: number, turnBytes: number, invited: boolean): void {
    this.#turn = invited ? INVITED : { kind: 'served', asked: 0, askedAt: now };
    this.#since = now;
    this.#turnEndsAt = this.backlog.givenBytes + turnBytes;
  }

  /** It does not use its invitation. */
  stayedSilent(): void {
    if (this.#turn.kind === 'invited') this.#turn = { kind: 'served', asked: 0, askedAt: this.#since };
  }

  /** It asked for so many bytes. The ms it took to, where it was invited; null: it was not. */
  asked(bytes: number, now: number): number | null {
    const turn = this.#turn;
    if (turn.kind === 'choked') return null;
    const before = turn.kind === 'served' ? turn.asked : 0;
    this.#turn = { kind: 'served', asked: before + bytes, askedAt: now };
    return turn.kind === 'invited' ? now - this.#since : null;
  }
}
