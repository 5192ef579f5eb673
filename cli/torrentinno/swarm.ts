/**
 * One share among TorrentInno's peers ([HL54] [HL55]): whom its tracker has named, whom to dial and under which id, whom
 * to let in, and who is linked. The smaller id dials; a peer that has us in its table still, as after a lost connection,
 * hears nothing under that id: to it we are somebody new. Knows no sockets.
 */
import { dials } from '../../shared/ids.ts';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import { SOUGHT_LINKS } from '../../shared/limits.ts';
import type { LinkRole } from '../../shared/engine/io.ts';
import type { Clock, Entropy, OtherSwarm, OtherSwarmListener } from '../../shared/peer/ports.ts';
import { nameOf } from './addresses.ts';
import { idAbove, idBelow } from './fresh-id.ts';
import {
  COMES_BACK_MS,
  FIRST_REDIAL_MS,
  FIRST_USELESS_MS,
  FORGET_MS,
  LAST_REDIAL_MS,
  LAST_USELESS_MS,
  MAX_NAMED,
  WORTH_MS,
} from './limits.ts';
import type { TcpLink } from './tcp-link.ts';
import type { NamedPeer } from './tracker.ts';

export interface SwarmHost {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** False: no place is free for another dial now; `dialDue` is called when one is. */
  dial(swarm: Swarm, peer: NamedPeer, as: PeerId): boolean;
  /** What was announced of this share is not so any more. */
  announceAnew(): void;
  left(swarm: Swarm): void;
}

/** How a dial came to nothing: `silent` is a connection on which no handshake came. */
export type DialFailure = 'unreached' | 'silent';

interface Contact {
  peer: NamedPeer;
  namedAt: number;
  failures: number;
  uselessTimes: number;
  notBefore: number;
  dialling: boolean;
  /** When its connection ended, in ms; null: there was none. */
  endedAt: number | null;
  /** It has us in its table: under the id that is announced it does not answer. */
  isDeaf: boolean;
}

interface Linked {
  /** The id that it gives itself. */
  readonly says: PeerId;
  readonly link: TcpLink;
  readonly since: number;
}

export class Swarm implements OtherSwarm {
  readonly infoHash: InfoHash;
  readonly #host: SwarmHost;
  readonly #listener: OtherSwarmListener;
  /** By the ids that they give themselves. */
  readonly #contacts = new Map<PeerId, Contact>();
  /** By the names that they have here ([HL51]). */
  readonly #linked = new Map<PeerId, Linked>();
  /** Ids under which we are, or were, announced. */
  readonly #ours = new Set<PeerId>();
  #own: PeerId;
  #hasLeft = false;
  #cancel: () => void = () => undefined;

  constructor(infoHash: InfoHash, own: PeerId, listener: OtherSwarmListener, host: SwarmHost) {
    this.infoHash = infoHash;
    this.#own = own;
    this.#listener = listener;
    this.#host = host;
    this.#ours.add(own);
  }

  /** Under which id we are announced. */
  get own(): PeerId {
    return this.#own;
  }

  get links(): number {
    return this.#linked.size;
  }

  /** [ID4] From the next announce on. */
  become(own: PeerId): void {
    this.#own = own;
    this.#ours.add(own);
  }

  named(peers: readonly NamedPeer[]): void {
    if (this.#hasLeft) return;
    const now = this.#host.clock.now();
    for (const peer of peers) if (!this.#ours.has(peer.id)) this.#met(peer, now);
    for (const [id, { namedAt }] of this.#contacts) {
      const isGone = now - namedAt >= FORGET_MS || this.#contacts.size > MAX_NAMED;
      if (isGone && !this.#isLinked(id)) this.#contacts.delete(id);
    }
    this.dialDue();
  }

  /** The latest last: of too many those go that were not named for the longest time. */
  #met(peer: NamedPeer, now: number): void {
    const known = this.#contacts.get(peer.id);
    this.#contacts.delete(peer.id);
    const fresh = {
      failures: 0,
      uselessTimes: 0,
      notBefore: now,
      dialling: false,
      endedAt: null,
      isDeaf: false,
    };
    this.#contacts.set(peer.id, { ...fresh, ...known, peer, namedAt: now });
  }

  /** Dials whoever is due, by chance where there is not room for all. */
  dialDue(): void {
    if (this.#hasLeft) return;
    const now = this.#host.clock.now();
    for (const contact of this.#shuffled()) {
      if (this.#linked.size + this.#underWay() >= SOUGHT_LINKS) break;
      if (this.#dueAt(contact) > now) continue;
      const { id, host } = contact.peer;
      if (!this.#listener.welcomes(nameOf(host, id), id)) {
        contact.notBefore = now + FIRST_USELESS_MS;
        continue;
      }
      const as = this.#idFor(contact);
      if (as === null) continue;
      if (!this.#host.dial(this, contact.peer, as)) break;
      contact.dialling = true;
    }
    this.#plan(now);
  }

  #shuffled(): Contact[] {
    const all = [...this.#contacts.values()];
    const chance = this.#host.entropy.bytes(all.length);
    return all
      .map((contact, nth) => ({ contact, rank: chance[nth] ?? 0 }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ contact }) => contact);
  }

  #underWay(): number {
    return [...this.#contacts.values()].filter(({ dialling }) => dialling).length;
  }

  /** Infinity: not by us. */
  #dueAt({ peer, dialling, notBefore, endedAt }: Contact): number {
    if (dialling || this.#isLinked(peer.id)) return Infinity;
    if (dials(this.#own, peer.id)) return notBefore;
    return endedAt === null ? Infinity : Math.max(notBefore, endedAt + COMES_BACK_MS);
  }

  /** [HL55] */
  #idFor({ peer, isDeaf }: Contact): PeerId | null {
    const isOurs = dials(this.#own, peer.id) && !isDeaf;
    return isOurs ? this.#own : idBelow(peer.id, this.#host.entropy);
  }

  #plan(now: number): void {
    this.#cancel();
    let at = Infinity;
    for (const contact of this.#contacts.values()) {
      const dueAt = this.#dueAt(contact);
      // What is due already waits for a place.
      if (dueAt > now) at = Math.min(at, dueAt);
    }
    if (at < Infinity) this.#cancel = this.#host.clock.after(at - now, () => this.dialDue());
  }

  dialFailed(peer: NamedPeer, as: PeerId, why: DialFailure): void {
    const contact = this.#contacts.get(peer.id);
    if (contact === undefined) return;
    contact.dialling = false;
    if (why === 'silent') contact.isDeaf = true;
    this.#lost(contact);
    // It can dial us alone, and has us in its table still: it has to see somebody new.
    const isCutOff = why === 'unreached' && as !== this.#own && contact.endedAt !== null;
    if (isCutOff && dials(peer.id, this.#own)) this.#renew(peer.id);
    this.#plan(this.#host.clock.now());
  }

  #renew(dialler: PeerId): void {
    const fresh = idAbove(dialler, this.#host.entropy);
    if (fresh === null) return;
    this.become(fresh);
    for (const contact of this.#contacts.values()) Object.assign(contact, { endedAt: null, isDeaf: false });
    this.#host.announceAnew();
  }

  /** [HL53] The id under which a dialler is answered; null: it is not let in. */
  welcomes(says: PeerId, address: string): PeerId | null {
    if (this.#hasLeft || this.#ours.has(says) || !dials(says, this.#own)) return null;
    const name = nameOf(address, says);
    // A second connection: the first is dead at its end, or it has seen us under another id.
    if (this.#linked.get(name)?.link.isLively === true) return null;
    return this.#listener.welcomes(name, says) ? this.#own : null;
  }

  #isLinked(says: PeerId): boolean {
    for (const linked of this.#linked.values()) if (linked.says === says) return true;
    return false;
  }

  linked(says: PeerId, address: string, role: LinkRole, link: TcpLink): void {
    const contact = this.#contacts.get(says);
    if (contact !== undefined) Object.assign(contact, { dialling: false, isDeaf: false });
    const name = nameOf(address, says);
    const before = this.#linked.get(name);
    this.#linked.set(name, { says, link, since: this.#host.clock.now() });
    before?.link.cut();
    this.#listener.linkOpened(name, role, link);
  }

  /** `ours`: the machine had no use for it. */
  unlinked(link: TcpLink, ours: boolean): void {
    const [name, linked] = [...this.#linked].find(([, one]) => one.link === link) ?? [];
    if (name === undefined || linked === undefined) return;
    this.#linked.delete(name);
    const contact = this.#contacts.get(linked.says);
    if (contact === undefined || this.#hasLeft) return;
    const { clock } = this.#host;
    if (clock.now() - linked.since >= WORTH_MS) Object.assign(contact, { failures: 0, uselessTimes: 0 });
    contact.endedAt = clock.now();
    if (ours) {
      const wait = Math.min(FIRST_USELESS_MS * 2 ** contact.uselessTimes, LAST_USELESS_MS);
      contact.uselessTimes += 1;
      contact.notBefore = clock.now() + wait;
    } else this.#lost(contact);
    this.#plan(clock.now());
  }

  #lost(contact: Contact): void {
    const { clock, entropy } = this.#host;
    const wait = Math.min(FIRST_REDIAL_MS * 2 ** contact.failures, LAST_REDIAL_MS);
    contact.failures += 1;
    contact.notBefore = clock.now() + wait * (1 + (entropy.bytes(1)[0] ?? 0) / 1_024);
  }

  /** [PN11] What failed until now says nothing. */
  networkChanged(): void {
    for (const contact of this.#contacts.values()) Object.assign(contact, { failures: 0, notBefore: 0 });
    this.dialDue();
  }

  reachedElsewhere(peer: PeerId): void {
    for (const { says, link } of [...this.#linked.values()]) if (says === peer) link.cut();
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#cancel();
    this.#contacts.clear();
    this.#host.left(this);
  }
}
