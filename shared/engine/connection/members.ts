/**
 * Whom to know and whom to dial ([SW1]–[SW4]): the members the tracker named, those that failed with their
 * back-off, those that are banned. The smaller id dials. Bounded in peers and in connections. Knows no frames.
 */
import { dials } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import type { Random } from '../../random.ts';
import { MAX_BANNED_PEERS, MAX_KNOWN_PEERS, MAX_LINKS, SOUGHT_LINKS } from '../../limits.ts';
import type { KnownPeer, Output } from '../io.ts';

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 120_000;
const MOST_FAILURES = 8;
/** A dial that neither opened nor failed after so long is counted as failed. */
const DIAL_TIMEOUT_MS = 45_000;
/** Of those that hear of a newcomer that can dial nobody itself, the share that dials it beyond its own need. */
const LATE_SHARE = 0.5;

interface Member {
  seed: boolean;
  /** The tracker said that it left; it is dialled only while the tracker itself cannot be asked. */
  left: boolean;
  failures: number;
  /** ms; not dialled before. */
  notBefore: number;
}

export class Members {
  #own: PeerId;
  readonly #random: Random;
  readonly #members = new Map<PeerId, Member>();
  readonly #linked = new Set<PeerId>();
  /** Members with a dial under way, and when it is given up. */
  readonly #dialled = new Map<PeerId, number>();
  /** Members to dial although enough connections are there: they may find few others themselves. */
  readonly #late = new Set<PeerId>();
  readonly #banned = new Set<PeerId>();
  /** The tracker can be asked: what it says holds. */
  #trackerReached = true;

  constructor(own: PeerId, random: Random) {
    this.#own = own;
    this.#random = random;
  }

  /** [ID4] Who has to dial whom is another question from now on. */
  renamed(own: PeerId): void {
    this.#own = own;
    this.#forget(own);
  }

  /** How many more peers the tracker may name. */
  get wanted(): number {
    return Math.max(0, MAX_LINKS - this.#linked.size);
  }

  met(peer: KnownPeer): void {
    if (peer.id === this.#own || this.#banned.has(peer.id)) return;
    const known = this.#members.get(peer.id);
    // Behind all others: who was not named for the longest time is forgotten first.
    this.#members.delete(peer.id);
    if (this.#members.size >= MAX_KNOWN_PEERS) this.#forgetOne();
    const member = known ?? { seed: peer.seed, left: false, failures: 0, notBefore: 0 };
    // Back again with a clean sheet.
    if (member.left) Object.assign(member, { left: false, failures: 0, notBefore: 0 });
    member.seed = peer.seed;
    this.#members.set(peer.id, member);
  }

  /**
   * [SW2] A newcomer with a great id can dial few itself, and came when the others had found each other: of those
   * that hear of it about as many dial it as it lacks for that.
   */
  joined(peer: KnownPeer): void {
    this.met(peer);
    if (!this.#members.has(peer.id) || !dials(this.#own, peer.id)) return;
    if (this.#random.fraction() < LATE_SHARE * partBelow(peer.id)) this.#late.add(peer.id);
  }

  /** [SW4] */
  #forgetOne(): void {
    for (const id of this.#members.keys()) {
      if (this.#linked.has(id) || this.#dialled.has(id)) continue;
      this.#forget(id);
      return;
    }
  }

  /**
   * The tracker says that it left. It is kept all the same: its connection may be alive, and when the tracker is gone,
   * too, nobody would say that it came back ([SW2]).
   */
  left(peer: PeerId, now: number): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    member.left = true;
    member.notBefore = Math.max(member.notBefore, now + FIRST_RETRY_MS);
    this.#late.delete(peer);
  }

  /** Those that the tracker named and that have not left, each with whether it is a seed. */
  *named(): Generator<readonly [PeerId, boolean]> {
    for (const [id, { seed, left }] of this.#members) if (!left) yield [id, seed];
  }

  isNamed(peer: PeerId): boolean {
    return this.#members.get(peer)?.left === false;
  }

  /** The tracker named everybody there is: whoever else was known, and has no connection, is gone. */
  namedAll(peers: readonly KnownPeer[]): void {
    const all = new Set(peers.map(({ id }) => id));
    for (const id of [...this.#members.keys()]) {
      if (!all.has(id) && !this.#linked.has(id)) this.#forget(id);
    }
  }

  /**
   * While the tracker cannot be asked, those that left before may be back, and no dial comes to anything: when it can
   * again, what failed meanwhile says nothing of them.
   */
  trackerReached(reached: boolean): void {
    if (reached && !this.#trackerReached) {
      for (const member of this.#members.values()) {
        if (!member.left) Object.assign(member, { failures: 0, notBefore: 0 });
      }
    }
    this.#trackerReached = reached;
  }

  /** Nobody is known, and the tracker cannot be asked. */
  get isLost(): boolean {
    return !this.#trackerReached && this.#members.size === 0;
  }

  #forget(peer: PeerId): void {
    this.#members.delete(peer);
    this.#dialled.delete(peer);
    this.#late.delete(peer);
  }

  isSeed(peer: PeerId): boolean {
    return this.#members.get(peer)?.seed ?? false;
  }

  isBanned(peer: PeerId): boolean {
    return this.#banned.has(peer);
  }

  /** [SW3] For the session: it sent bad data or broke the protocol. */
  ban(peer: PeerId): void {
    this.#banned.add(peer);
    // Ids cost nothing to invent: of very many the oldest is forgotten.
    for (const oldest of this.#banned) {
      if (this.#banned.size <= MAX_BANNED_PEERS) break;
      this.#banned.delete(oldest);
    }
    this.#forget(peer);
  }

  linked(peer: PeerId): void {
    this.#linked.add(peer);
    this.#dialled.delete(peer);
    const member = this.#members.get(peer);
    if (member !== undefined) member.failures = 0;
  }

  /** The connection is gone; the peer may be dialled again after a while. */
  unlinked(peer: PeerId, now: number): void {
    this.#linked.delete(peer);
    this.#failed(peer, now);
  }

  dialFailed(peer: PeerId, now: number): void {
    this.#failed(peer, now);
  }

  /** [SW2] [SW5] Orders dials of members with greater ids while there is room; of seeds only while we need them. */
  dial(complete: boolean, now: number, out: Output[]): void {
    const links = this.#linked.size + this.#dialling(now);
    let room = SOUGHT_LINKS - links;
    let lateRoom = MAX_LINKS - links;
    if (room <= 0 && this.#late.size === 0) return;
    for (const id of this.#members.keys()) {
      if (lateRoom <= 0) return;
      if (!dials(this.#own, id) || (room <= 0 && !this.#late.has(id))) continue;
      const member = this.#members.get(id);
      if (member === undefined || !this.#isDue(id, member, now) || (complete && member.seed)) continue;
      this.#late.delete(id);
      lateRoom--;
      this.#dialled.set(id, now + DIAL_TIMEOUT_MS);
      out.push({ kind: 'dial', peer: id });
      room--;
    }
  }

  forgetAll(): void {
    this.#members.clear();
    this.#linked.clear();
    this.#dialled.clear();
    this.#late.clear();
  }

  /** When the next dial is due or given up, in ms; null: nobody is left to be dialled. */
  nextDialAt(complete: boolean): number | null {
    let first = Infinity;
    for (const until of this.#dialled.values()) first = Math.min(first, until);
    if (this.#linked.size + this.#dialled.size >= SOUGHT_LINKS) return orNever(first);
    for (const [id, member] of this.#members) {
      if (!dials(this.#own, id) || !this.#isIdle(id) || !this.#isSought(member)) continue;
      if (!(complete && member.seed)) first = Math.min(first, member.notBefore);
    }
    return orNever(first);
  }

  #isIdle(id: PeerId): boolean {
    return !this.#linked.has(id) && !this.#dialled.has(id);
  }

  #isSought({ left }: Member): boolean {
    return !left || !this.#trackerReached;
  }

  #isDue(id: PeerId, member: Member, now: number): boolean {
    return this.#isIdle(id) && this.#isSought(member) && member.notBefore <= now;
  }

  /** How many dials are under way, after those that took too long were given up. */
  #dialling(now: number): number {
    for (const [id, until] of this.#dialled) if (until <= now) this.#failed(id, now);
    return this.#dialled.size;
  }

  #failed(peer: PeerId, now: number): void {
    this.#dialled.delete(peer);
    const member = this.#members.get(peer);
    if (member === undefined) return;
    member.failures++;
    // The tracker names it again if it is still there: then it is a new member with a clean sheet.
    if (member.failures > MOST_FAILURES) this.#forget(peer);
    member.notBefore = now + Math.min(FIRST_RETRY_MS * 2 ** (member.failures - 1), LAST_RETRY_MS);
  }
}

/** The part of all ids that is smaller, 0 to 1. */
function partBelow(id: PeerId): number {
  return parseInt(id.slice(0, 4), 16) / 0x10000;
}

function orNever(at: number): number | null {
  return at === Infinity ? null : at;
}
