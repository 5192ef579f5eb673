/**
 * The connections of one share ([EN3] [EN4]): opens, drops and replaces them, says which has no point any more, and
 * dials. Owns the set of them, and with it everybody who can be asked and everybody who is served. Knows no frames;
 * the person's intent and the road of a piece are engine.ts's.
 */
import { assert } from '../../assert.ts';
import type { LinkId, PeerId } from '../../ids.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { Random } from '../../random.ts';
import type { Content } from '../content.ts';
import type { Source } from '../download/source.ts';
import type { CloseReason, Input, Output } from '../io.ts';
import type { UploadSlot } from '../upload/slot.ts';
import { Connection } from './connection.ts';
import { LinkWorth } from './link-worth.ts';
import { linkBounds, Members } from './members.ts';
import type { Meets } from './members.ts';
import { Presence } from './presence.ts';
import type { LinkedPeer, People } from './presence.ts';
import type { Identity } from './wire.ts';

/** Bytes a second for each peer; null: no limit. */
export interface PeerLimits {
  readonly peerUp: number | null;
  readonly peerDown: number | null;
}

/** Who wants to know that a connection is gone. */
export type Gone = (connection: Connection) => void;

/** What is otherwise in some swarms. */
export interface SwarmTerms {
  /** [WS30] */
  readonly meets: Meets;
  /** [WS22] Also those that have everything need each other. */
  readonly keepsAll: boolean;
}

export class Connections {
  readonly members: Members;
  readonly presence: Presence;
  readonly sources = new Set<Source>();
  readonly slots = new Set<UploadSlot>();
  readonly #all = new Map<LinkId, Connection>();
  /** Of connections from now on; each keeps the one that it began with. */
  #identity: Identity;
  readonly #worth: LinkWorth;
  readonly #gone: Gone;
  readonly #keepsAll: boolean;
  /** The person stopped this share: nobody is let in. */
  #stopped = false;
  #limits: PeerLimits = { peerUp: null, peerDown: null };

  /** `meets`: whom we dial. */
  constructor(identity: Identity, random: Random, gone: Gone, { meets, keepsAll }: SwarmTerms) {
    this.#keepsAll = keepsAll;
    this.#identity = identity;
    this.#gone = gone;
    this.#worth = new LinkWorth(random);
    this.members = new Members(identity.own, random, meets);
    this.presence = new Presence();
  }

  get size(): number {
    return this.#all.size;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** [SW3] Whether that peer is let in. */
  welcomes(peer: PeerId): boolean {
    return !this.#stopped && !this.members.isBanned(peer);
  }

  /** Undefined: it was dropped, and this was on its way. */
  get(link: LinkId): Connection | undefined {
    return this.#all.get(link);
  }

  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#all.values();
  }

  of(peer: PeerId): Connection | undefined {
    for (const connection of this.#all.values()) if (connection.wire.id === peer) return connection;
    return undefined;
  }

  opened(
    { link, role, expected, greeted = false }: Input & { kind: 'link-opened' },
    now: number,
    out: Output[],
  ): void {
    assert(!this.#all.has(link), 'a link is opened once');
    const connection = new Connection({ link, role, expected, openedAt: now, greeted }, this.#identity);
    this.#all.set(link, connection);
    this.sources.add(connection.source);
    this.slots.add(connection.slot);
    if (this.#stopped) return this.drop(connection, { kind: 'stopped' }, now, out);
    if (this.#all.size > this.members.bounds.most && !this.#makeRoom(connection, now, out)) {
      return this.drop(connection, { kind: 'full' }, now, out);
    }
    this.#limit(connection, now);
    if (role === 'dialler' && !greeted) connection.wire.greet(out);
  }

  /** [SW6] All places are taken: the least useful connection goes, or the newcomer has to. */
  #makeRoom(newcomer: Connection, now: number, out: Output[]): boolean {
    const leaving = this.#worth.makesWay(this.#all.values(), newcomer, now);
    if (leaving !== null) this.drop(leaving, { kind: 'useless' }, now, out);
    return leaving !== null;
  }

  /** Both have shaken hands. Why it has to go all the same; null: it stays. */
  greeted(connection: Connection, now: number, out: Output[]): CloseReason | null {
    const { peer } = connection.wire;
    if (this.members.isBanned(peer)) return { kind: 'useless' };
    for (const other of [...this.#all.values()]) {
      // The newer connection is the one the peer believes in: its end of the older one is gone.
      if (other !== connection && other.wire.id === peer) this.drop(other, { kind: 'duplicate' }, now, out);
    }
    this.members.linked(peer);
    return null;
  }

  closed(link: LinkId, now: number): void {
    const connection = this.#all.get(link);
    if (connection !== undefined) this.#forget(connection, now);
  }

  /** [SW3] Whose link it was is the tracker's word where there was no handshake. */
  flooded(link: LinkId, now: number, out: Output[]): void {
    const connection = this.#all.get(link);
    if (connection === undefined) return;
    const { id, expected } = connection.wire;
    const what = violation('too-many-messages', 'more messages than it was owed');
    this.drop(connection, { kind: 'violation', violation: what }, now, out);
    if (id === null && expected !== null) this.#ban(expected);
  }

  drop(connection: Connection, why: CloseReason, now: number, out: Output[]): void {
    const { id, link } = connection.wire;
    this.#forget(connection, now);
    if (why.kind === 'violation' && id !== null) this.#ban(id);
    out.push({ kind: 'close-link', link, why });
    out.push({ kind: 'report', event: { kind: 'peer-dropped', peer: id, why } });
  }

  #ban(peer: PeerId): void {
    if (this.members.isNamed(peer)) this.presence.went(this.members.isSeed(peer));
    this.members.ban(peer);
  }

  #forget(connection: Connection, now: number): void {
    const { link, id, expected } = connection.wire;
    this.#all.delete(link);
    this.sources.delete(connection.source);
    this.slots.delete(connection.slot);
    this.#worth.forget(connection);
    this.#gone(connection);
    const peer = id ?? expected;
    if (peer !== null && this.of(peer) === undefined) this.members.unlinked(peer, now);
  }

  /** [PL5] It sent bytes that do not match their hash. */
  expel(peer: PeerId, piece: number, now: number, out: Output[]): void {
    this.#ban(peer);
    const connection = this.of(peer);
    if (connection === undefined) return;
    const what = violation('bad-data', `what it sent of piece ${piece} does not match its hash`);
    this.drop(connection, { kind: 'violation', violation: what }, now, out);
  }

  /** [LB15] */
  kick(peer: PeerId, now: number, out: Output[]): void {
    this.#ban(peer);
    for (const connection of [...this.#all.values()]) {
      const { id, expected } = connection.wire;
      if ((id ?? expected) === peer) this.drop(connection, { kind: 'kicked' }, now, out);
    }
  }

  /** The person stopped the share: nobody is connected, known or let in. */
  stop(now: number, out: Output[]): void {
    for (const connection of [...this.#all.values()]) this.drop(connection, { kind: 'stopped' }, now, out);
    this.members.forgetAll();
    this.presence.forget();
    this.#stopped = true;
  }

  resume(): void {
    this.#stopped = false;
  }

  /** [ID4] */
  renamed(own: PeerId): void {
    this.#identity = { ...this.#identity, own };
    this.members.renamed(own);
  }

  /** [PN11] */
  networkChanged(complete: boolean, now: number, out: Output[]): void {
    this.members.networkChanged(now);
    this.dial(complete, now, out);
  }

  // The tracker's word

  trackerReached(reached: boolean): void {
    this.members.trackerReached(reached);
  }

  announced(input: Input & { kind: 'peers-announced' }, seed: boolean): void {
    // The answer to our goodbye counts those whom we have just left.
    if (this.#stopped) return;
    for (const peer of input.peers) this.members.met(peer);
    if (input.peers.length + 1 === input.complete + input.incomplete) this.members.namedAll(input.peers);
    this.presence.answered(input, seed);
    // Nobody for us, whatever they are to others.
    for (const peer of input.peers) if (this.members.isBanned(peer.id)) this.presence.went(peer.seed);
  }

  joined({ peer }: Input & { kind: 'peer-joined' }, now: number, out: Output[]): void {
    const { members, presence } = this;
    if (this.#stopped || peer.id === this.#identity.own || members.isBanned(peer.id)) return;
    const known = members.isNamed(peer.id) || this.of(peer.id) !== undefined;
    if (!known) presence.came(peer.seed);
    else if (members.isSeed(peer.id) !== peer.seed) presence.became(peer.seed);
    members.joined(peer, now, out);
  }

  left({ peer }: Input & { kind: 'peer-left' }, now: number, out: Output[]): void {
    if (this.#stopped || this.members.isBanned(peer)) return;
    this.presence.went(this.members.isSeed(peer));
    this.members.left(peer, now, out);
  }

  /** [SS1] No other seed is known of, and more than one leecher is. */
  get isLoneSeed(): boolean {
    let leechers = 0;
    for (const { wire, holdings } of this.#all.values()) {
      if (wire.open && holdings.has?.isFull === true) return false;
      if (wire.open) leechers++;
    }
    const others = this.presence.peers;
    return others.seeds === 0 && Math.max(leechers, others.leechers) > 1;
  }

  /** [PK8] The tracker has said who is there, and nobody but us lacks anything. */
  get isOnlyReceiver(): boolean {
    if (!this.presence.isCounted || this.presence.peers.leechers > 0) return false;
    for (const { wire, holdings } of this.#all.values()) {
      if (wire.open && holdings.has?.isFull !== true) return false;
    }
    return true;
  }

  /** Who is there, and who of them has what is missing here. */
  people(content: Content | null): People {
    const linked: LinkedPeer[] = [];
    for (const { wire, holdings } of this.#all.values()) {
      const { open, id } = wire;
      if (!open || id === null) continue;
      const seed = content !== null && holdings.has?.isFull === true;
      linked.push({ id, seed, useful: content?.lacksAnyOf(holdings.has) === true });
    }
    const named = [...this.members.named()];
    // Nobody is left of whom anything is known, and nobody who could tell.
    if (linked.length === 0 && this.members.isLost) return { online: null, senders: 0, lacks: false };
    return this.presence.standing(named, linked, content?.selection.complete === true);
  }

  limitPeers({ peerUp, peerDown }: PeerLimits, now: number): void {
    this.#limits = { peerUp, peerDown };
    for (const connection of this.#all.values()) this.#limit(connection, now);
  }

  #limit({ source, slot }: Connection, now: number): void {
    slot.limit.setRate(this.#limits.peerUp, now);
    source.limit.setRate(this.#limits.peerDown, now);
  }

  /** [LB14] Of those that are too many the ones that carried least go. */
  limitLinks(most: number | null, now: number, out: Output[]): void {
    this.members.bounds = linkBounds(most);
    while (this.#all.size > this.members.bounds.most) {
      const leaving = this.#worth.least(this.#all.values(), null, now);
      assert(leaving !== null, 'of too many there is one that carried least');
      this.drop(leaving, { kind: 'useless' }, now, out);
    }
  }

  // Time

  tick(content: Content | null, now: number, out: Output[]): void {
    for (const connection of [...this.#all.values()]) this.#tickOne(connection, content, now, out);
  }

  /** [HS5] Who does not end its handshake, or lets everything time out for ever, goes. */
  #tickOne(connection: Connection, content: Content | null, now: number, out: Output[]): void {
    const { wire, source } = connection;
    if (!wire.open && now - wire.openedAt >= HANDSHAKE_TIMEOUT_MS) {
      return this.drop(connection, { kind: 'silent' }, now, out);
    }
    if (content === null) return;
    if (!this.#keepsAll && this.#worth.looksPointless(connection, content.ledger.complete, now)) {
      return this.drop(connection, { kind: 'useless' }, now, out);
    }
    content.download.requests.expire(source, now, out);
    if (source.pipeline.isHopeless) this.drop(connection, { kind: 'silent' }, now, out);
  }

  dial(complete: boolean, now: number, out: Output[]): void {
    if (!this.#stopped) this.members.dial(complete, now, out);
  }
}
