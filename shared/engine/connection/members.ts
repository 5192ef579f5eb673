/**
 * Whom to know and whom to dial ([SW1]–[SW4]): the members the tracker named, those that failed with their
 * back-off, those that are banned. The smaller id dials. Bounded in peers and in connections. Knows no frames.
 */
import { dials } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import type { Random } from '../../random.ts';
import { MAX_BANNED_PEERS, MAX_KNOWN_PEERS, MAX_LINKS, SOUGHT_LINKS } from '../../limits.ts';
import type { KnownPeer, Output } from '../io.ts';
import { Dials, MOST_UNANSWERED, WAVE_MS } from './dials.ts';

const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 120_000;
/** A wait is longer by up to this share: those who lost somebody together do not come back together. */
const JITTER_SHARE = 1 / 4;
/** ms after a change of the network in which a connection that ends says nothing of its peer … */
const CHANGE_MS = 5_000;
/** … and within how many ms it is dialled again then. */
const REDIAL_WITHIN_MS = 200;
const MOST_FAILURES = 8;
/** Of those that hear of a newcomer that can dial nobody itself, the share that dials it beyond its own need. */
const LATE_SHARE = 0.5;

interface Member {
  seed: boolean;
  /** The tracker said that it left; it is dialled only while the tracker itself cannot be asked. */
  left: boolean;
  failures: number;
  /** ms; not dialled before. */
  notBefore: number;
  /** We were connected: it can be reached when it is there. */
  reached: boolean;
}

/** `seeds`: [WS30] those who have everything alone. */
export type Meets = 'all' | 'seeds';

/** How many connections there may be, and how many are looked for. */
export interface LinkBounds {
  readonly most: number;
  readonly sought: number;
}

/** [LB14] Whatever a person wants, some are left for those who come later and can only be found by dialling. */
export function linkBounds(wanted: number | null): LinkBounds {
  const most = wanted ?? MAX_LINKS;
  return { most, sought: Math.ceil((most * SOUGHT_LINKS) / MAX_LINKS) };
}

const CLEAN_SHEET = { failures: 0, notBefore: 0 };

export class Members {
  /** [LB14] */
  bounds: LinkBounds = linkBounds(null);
  #own: PeerId;
  readonly #meets: Meets;
  readonly #random: Random;
  readonly #members = new Map<PeerId, Member>();
  readonly #linked = new Set<PeerId>();
  readonly #dials = new Dials();
  #waveAt = Infinity;
  /** When one is dialled again whose connection ended by a change of the network. */
  #redialAt = Infinity;
  #changedAt = -Infinity;
  /** Members to dial although enough connections are there: they may find few others themselves. */
  readonly #late = new Set<PeerId>();
  readonly #banned = new Set<PeerId>();
  /** The tracker can be asked: what it says holds. */
  #trackerReached = true;

  constructor(own: PeerId, random: Random, meets: Meets = 'all') {
    this.#own = own;
    this.#meets = meets;
    this.#random = random;
  }

  /** [ID4] Who has to dial whom is another question from now on. */
  renamed(own: PeerId): void {
    this.#own = own;
    this.#forget(own);
  }

  /** How many more peers the tracker may name. */
  get wanted(): number {
    return Math.max(0, this.bounds.most - this.#linked.size);
  }

  met(peer: KnownPeer): void {
    if (peer.id === this.#own || this.#banned.has(peer.id)) return;
    const known = this.#members.get(peer.id);
    // Behind all others: who was not named for the longest time is forgotten first.
    this.#members.delete(peer.id);
    if (this.#members.size >= MAX_KNOWN_PEERS) this.#forgetOne();
    const member = known ?? { seed: peer.seed, left: false, ...CLEAN_SHEET, reached: false };
    // Back again with a clean sheet.
    if (member.left) Object.assign(member, { left: false, ...CLEAN_SHEET });
    member.seed = peer.seed;
    this.#members.set(peer.id, member);
  }

  /**
   * [SW2] A newcomer with a great id can dial few itself, and came when the others had found each other: of those
   * that hear of it about as many dial it as it lacks for that.
   */
  joined(peer: KnownPeer, now: number, out: Output[]): void {
    this.met(peer);
    const member = this.#members.get(peer.id);
    if (member === undefined || !dials(this.#own, peer.id)) return;
    // [PN11] It lives: what failed was its sleep, or the way to the tracker.
    if (member.reached) {
      this.#giveUp(peer.id, now, out);
      Object.assign(member, CLEAN_SHEET);
    }
    if (this.#random.fraction() < LATE_SHARE * partBelow(peer.id)) this.#late.add(peer.id);
  }

  /** [SW4] */
  #forgetOne(): void {
    for (const id of this.#members.keys()) {
      if (this.#linked.has(id) || this.#dials.has(id)) continue;
      this.#forget(id);
      return;
    }
  }

  /**
   * The tracker says that it left. It is kept all the same: its connection may be alive, and when the tracker is gone,
   * too, nobody would say that it came back ([SW2]).
   */
  left(peer: PeerId, now: number, out: Output[]): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    this.#giveUp(peer, now, out);
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
    if (reached && !this.#trackerReached) this.#forgive();
    this.#trackerReached = reached;
  }

  /** [PN11] What failed until now says nothing of them, and neither does a connection that ends soon. */
  networkChanged(now: number): void {
    this.#changedAt = now;
    this.#forgive();
  }

  #forgive(): void {
    for (const member of this.#members.values()) if (!member.left) Object.assign(member, CLEAN_SHEET);
  }

  /** What was signalled went to a socket that is gone, or to a sleeper: it has had its time without a word. */
  #giveUp(peer: PeerId, now: number, out: Output[]): void {
    if (!this.#dials.isSilent(peer, now)) return;
    this.#failed(peer, now);
    out.push({ kind: 'give-up-dial', peer });
  }

  /** Nobody is known, and the tracker cannot be asked. */
  get isLost(): boolean {
    return !this.#trackerReached && this.#members.size === 0;
  }

  #forget(peer: PeerId): void {
    this.#members.delete(peer);
    this.#dials.end(peer);
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
    this.#dials.end(peer);
    const member = this.#members.get(peer);
    if (member !== undefined) Object.assign(member, { failures: 0, reached: true });
  }

  /** The connection is gone; the peer may be dialled again after a while. */
  unlinked(peer: PeerId, now: number): void {
    this.#linked.delete(peer);
    const member = this.#members.get(peer);
    if (member === undefined || now - this.#changedAt >= CHANGE_MS) return this.#failed(peer, now);
    member.notBefore = now + this.#random.fraction() * REDIAL_WITHIN_MS;
    this.#redialAt = Math.min(this.#redialAt, member.notBefore);
  }

  /** The other side said something. */
  dialAnswered(peer: PeerId): void {
    this.#dials.heard(peer);
  }

  dialFailed(peer: PeerId, now: number): void {
    if (this.#dials.has(peer)) this.#failed(peer, now);
  }

  /** When members wait to be dialled that never were, or at once again, in ms; else Infinity. */
  get waveAt(): number {
    return Math.min(this.#waveAt, this.#redialAt);
  }

  /** [SW2] [SW5] Orders dials of members with greater ids while there is room; of seeds only while we need them. */
  dial(complete: boolean, now: number, out: Output[]): void {
    this.#waveAt = Infinity;
    if (now >= this.#redialAt) this.#redialAt = Infinity;
    const isFull = this.#linked.size >= this.bounds.sought && this.#dials.size === 0;
    if (isFull && this.#late.size === 0) return;
    for (const id of this.#dials.tooLong(now)) this.#failed(id, now);
    const linked = this.#linked.size;
    const due = this.#due(complete, now);
    const fresh = due.filter(([, member]) => member.failures === 0).length;
    this.#makeWay(fresh, now, out);
    const places = linked + this.#dials.places(now);
    let room = this.bounds.sought - places;
    let lateRoom = this.bounds.most - places;
    let left = fresh;
    if (due.length > room) this.#preferred(due, complete);
    for (const [id, member] of due) {
      if (lateRoom <= 0 || this.#dials.unanswered >= MOST_UNANSWERED) break;
      // Who failed before is no newcomer: it waits until nobody has a place who says nothing.
      const mayDial =
        member.failures === 0 ? room > 0 : room > 0 && linked + this.#dials.size < this.bounds.sought;
      if (!mayDial && !this.#late.has(id)) continue;
      this.#late.delete(id);
      this.#dials.begin(id, member.failures, now);
      out.push({ kind: 'dial', peer: id });
      if (member.failures === 0) left--;
      room--;
      lateRoom--;
    }
    if (left > 0 && linked + this.#dials.answered < this.bounds.sought) this.#waveAt = now + WAVE_MS;
  }

  /** Who says nothing gives its place to those that were never dialled, and goes where enough others answered. */
  #makeWay(fresh: number, now: number, out: Output[]): void {
    const taken = this.#linked.size + this.#dials.answered;
    const enough = taken >= this.bounds.sought;
    const over = enough
      ? taken + this.#dials.unanswered - this.bounds.most
      : Math.min(fresh, this.bounds.sought) + this.#dials.unanswered - MOST_UNANSWERED;
    if (over <= 0) return;
    for (const peer of this.#dials.silent(now).slice(0, over)) {
      this.#failed(peer, now);
      out.push({ kind: 'give-up-dial', peer });
    }
  }

  #due(complete: boolean, now: number): [PeerId, Member][] {
    const due: [PeerId, Member][] = [];
    for (const [id, member] of this.#members) {
      if (dials(this.#own, id) && this.#isDue(id, member, now) && this.#isOfUse(member, complete))
        due.push([id, member]);
    }
    return due;
  }

  /** Of more than there is room for: those that never failed, seeds where we need them, and else by chance. */
  #preferred(due: [PeerId, Member][], complete: boolean): void {
    for (let at = due.length - 1; at > 0; at--) {
      const other = this.#random.below(at + 1);
      const [one, two] = [due[at], due[other]];
      if (one !== undefined && two !== undefined) [due[at], due[other]] = [two, one];
    }
    const rank = ({ failures, seed }: Member): number => 2 * failures + (seed && !complete ? 0 : 1);
    due.sort(([, a], [, b]) => rank(a) - rank(b));
  }

  forgetAll(): void {
    this.#members.clear();
    this.#linked.clear();
    this.#dials.clear();
    this.#late.clear();
  }

  /** When the next dial is due or given up, in ms; null: nobody is left to be dialled. */
  nextDialAt(complete: boolean): number | null {
    let first = Math.min(this.#dials.endsAt, this.waveAt);
    if (this.#linked.size + this.#dials.size >= this.bounds.sought) return orNever(first);
    for (const [id, member] of this.#members) {
      if (!dials(this.#own, id) || !this.#isIdle(id) || !this.#isSought(member)) continue;
      if (this.#isOfUse(member, complete)) first = Math.min(first, member.notBefore);
    }
    return orNever(first);
  }

  /** [SW5] Two that both have everything need nothing of each other, and neither do two that both look for seeds alone. */
  #isOfUse({ seed }: Member, complete: boolean): boolean {
    return seed ? !complete : this.#meets === 'all';
  }

  #isIdle(id: PeerId): boolean {
    return !this.#linked.has(id) && !this.#dials.has(id);
  }

  #isSought({ left }: Member): boolean {
    return !left || !this.#trackerReached;
  }

  #isDue(id: PeerId, member: Member, now: number): boolean {
    return this.#isIdle(id) && this.#isSought(member) && member.notBefore <= now;
  }

  #failed(peer: PeerId, now: number): void {
    this.#dials.end(peer);
    const member = this.#members.get(peer);
    if (member === undefined) return;
    member.failures++;
    // The tracker names it again if it is still there: then it is a new member with a clean sheet.
    if (member.failures > MOST_FAILURES) this.#forget(peer);
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (member.failures - 1), LAST_RETRY_MS);
    member.notBefore = now + wait * (1 + this.#random.fraction() * JITTER_SHARE);
  }
}

/** The part of all ids that is smaller, 0 to 1. */
function partBelow(id: PeerId): number {
  return parseInt(id.slice(0, 4), 16) / 0x10000;
}

function orNever(at: number): number | null {
  return at === Infinity ? null : at;
}
