/**
 * The connections of one share and what is said on them ([EN3] [EN4]): opens, hears and drops sessions, brings the
 * manifest in, and says whose pipelines have room. Owns the sessions, the members and the content; the person's
 * wish, the road of a piece and the clock are engine.ts's.
 */
import { assert } from '../../assert.ts';
import type { InfoHash, LinkId, PeerId } from '../../ids.ts';
import { HANDSHAKE_TIMEOUT_MS, MAX_LINKS } from '../../limits.ts';
import { serialiseManifest } from '../../manifest/resource.ts';
import type { Manifest } from '../../manifest/resource.ts';
import { violation } from '../../protocol/frames.ts';
import type { Random } from '../../random.ts';
import { Content } from '../content.ts';
import type { Limits } from '../content.ts';
import type { CloseReason, Input, LinkRole, Output } from '../io.ts';
import { LinkWorth } from './link-worth.ts';
import { hear, judgeReader } from './dispatch.ts';
import { ManifestFetch, ManifestServer } from './manifest-exchange.ts';
import { Members } from './members.ts';
import { PeerSession } from './connection.ts';
import { Presence } from './presence.ts';
import type { LinkedPeer, Others } from './presence.ts';
import type { Allocate } from '../pieces/ledger.ts';

export interface SwarmOptions {
  readonly own: PeerId;
  readonly infoHash: InfoHash;
  readonly random: Random;
  readonly allocate: Allocate;
  readonly limits: Limits;
}

/** Bytes a second for each peer; null: no limit. */
export interface PeerLimits {
  readonly peerUp: number | null;
  readonly peerDown: number | null;
}

export class Swarm {
  readonly sessions = new Map<LinkId, PeerSession>();
  readonly members: Members;
  readonly presence: Presence;
  content: Content | null = null;
  /** The person stopped this share: nobody is let in. */
  stopped = false;
  /** When the last block came, in ms. */
  lastBlockAt = 0;
  readonly #options: SwarmOptions;
  readonly #worth: LinkWorth;
  readonly fetch: ManifestFetch;
  readonly manifestServer = new ManifestServer();
  /** Sessions whose pipelines may have room; `fillEverybody` where blocks became free. */
  readonly toFill = new Set<PeerSession>();
  /** Open sessions that let us ask. */
  readonly #serving = new Set<PeerSession>();
  #everybody = false;
  #peerLimits: PeerLimits = { peerUp: null, peerDown: null };

  constructor(options: SwarmOptions) {
    this.#options = options;
    this.#worth = new LinkWorth(options.random);
    this.members = new Members(options.own, options.random);
    this.presence = new Presence(options.own);
    this.fetch = new ManifestFetch(options.infoHash);
  }

  linkOpened(link: LinkId, role: LinkRole, expected: PeerId | null, now: number, out: Output[]): void {
    assert(!this.sessions.has(link), 'a link is opened once');
    const session = new PeerSession(link, role, expected, this.#options, now);
    this.sessions.set(link, session);
    if (this.stopped) return this.drop(session, { kind: 'stopped' }, now, out);
    if (this.sessions.size > MAX_LINKS && !this.#makeRoom(session, now, out)) {
      return this.drop(session, { kind: 'full' }, now, out);
    }
    this.#limit(session, now);
    if (role === 'dialler') session.greet(out);
  }

  /** [SW6] All places are taken: the least useful connection goes, or the newcomer has to. */
  #makeRoom(newcomer: PeerSession, now: number, out: Output[]): boolean {
    const leaving = this.#worth.makesWay(this.sessions.values(), newcomer, now);
    if (leaving !== null) this.drop(leaving, { kind: 'useless' }, now, out);
    return leaving !== null;
  }

  bytesReceived(link: LinkId, bytes: Uint8Array, now: number, out: Output[]): void {
    const session = this.sessions.get(link);
    // The link was dropped and its last bytes were on the way.
    if (session === undefined) return;
    session.received(bytes);
    for (let heard = session.next(out); heard !== null; heard = session.next(out)) {
      const why = hear(this, session, heard, now, out) ?? judgeReader(session);
      if (why === null) continue;
      return this.drop(session, 'what' in why ? { kind: 'violation', violation: why } : why, now, out);
    }
  }

  bytesSent(link: LinkId, bytes: number, now: number, out: Output[]): void {
    const session = this.sessions.get(link);
    if (session === undefined) return;
    if (this.content === null) session.unsent -= bytes;
    else this.content.giving.sent(session, bytes, now);
    this.manifestServer.serve(session, this.content?.manifestBytes ?? null, out);
  }

  linkClosed(link: LinkId, now: number): void {
    const session = this.sessions.get(link);
    if (session !== undefined) this.#forget(session, now);
  }

  drop(session: PeerSession, why: CloseReason, now: number, out: Output[]): void {
    const { id } = session;
    this.#forget(session, now);
    if (why.kind === 'violation' && id !== null) this.members.ban(id);
    out.push({ kind: 'close-link', link: session.link, why });
    out.push({ kind: 'report', event: { kind: 'peer-dropped', peer: id, why } });
  }

  #forget(session: PeerSession, now: number): void {
    this.sessions.delete(session.link);
    this.#serving.delete(session);
    this.content?.closed(session);
    this.fetch.closed(session);
    this.manifestServer.closed(session);
    const peer = session.id ?? session.expected;
    if (peer !== null && !this.sessionOf(peer)) this.members.unlinked(peer, now);
    this.fillEverybody();
  }

  sessionOf(peer: PeerId): PeerSession | undefined {
    for (const session of this.sessions.values()) if (session.id === peer) return session;
    return undefined;
  }

  greeted(session: PeerSession, now: number, out: Output[]): CloseReason | null {
    if (this.members.isBanned(session.peer)) return { kind: 'useless' };
    for (const other of this.sessions.values()) {
      // The newer connection is the one the peer believes in: its end of the older one is gone.
      if (other !== session && other.id === session.id) this.drop(other, { kind: 'duplicate' }, now, out);
    }
    this.members.linked(session.peer);
    this.#serving.add(session);
    this.content?.giving.greeted(session, now, out);
    return null;
  }

  /** The tracker has named it and it has not left, or we are connected to it. */
  knows(peer: PeerId): boolean {
    return this.members.isNamed(peer) || this.sessionOf(peer) !== undefined;
  }

  /** Other people in the swarm, null where nothing is known of anybody; and how many can send what is missing. */
  people(): { readonly online: Others | null; readonly senders: number } {
    const { content } = this;
    const linked: LinkedPeer[] = [];
    for (const session of this.sessions.values()) {
      const { open, id, has } = session;
      if (!open || id === null) continue;
      linked.push({
        id,
        seed: content !== null && has?.isFull === true,
        useful: content?.isUseful(session) === true,
      });
    }
    const named = [...this.members.named()];
    const complete = content?.ledger.complete === true;
    return {
      online: this.presence.people(named, linked),
      senders: complete ? 0 : this.presence.senders(named, linked),
    };
  }

  // The manifest

  lookForManifest(now: number, out: Output[]): null {
    if (this.content === null && !this.stopped) this.fetch.begin(this.sessions.values(), now, out);
    return null;
  }

  /** The link's manifest is here, or the peer that sent another one is dropped. True: content begins. */
  manifestHashed(input: Input & { kind: 'manifest-hashed' }, now: number, out: Output[]): boolean {
    const session = this.sessions.get(input.link);
    const result = this.fetch.hashed(input.link, input.infoHash, input.shoalDigest);
    if (session === undefined || result === null || this.content !== null) return false;
    if ('what' in result) {
      this.drop(session, { kind: 'violation', violation: result }, now, out);
      this.lookForManifest(now, out);
      return false;
    }
    out.push(
      { kind: 'keep-manifest', manifest: result },
      { kind: 'report', event: { kind: 'manifest-accepted' } },
    );
    this.#introduce(this.know(result, []), now, out);
    return true;
  }

  know(manifest: Manifest, owned: 'all' | readonly number[]): Content {
    const manifestBytes = serialiseManifest(manifest);
    assert(manifestBytes !== null, 'a parsed manifest fits its own limit');
    const { random, allocate, limits } = this.#options;
    this.content = new Content({
      manifest,
      manifestBytes,
      owned,
      sessions: this.sessions,
      random,
      allocate,
      limits,
      isLoneSeed: () => this.#isLoneSeed(),
    });
    return this.content;
  }

  /** What peers said before we knew how many pieces there are is judged now, and they learn what we have. */
  #introduce(content: Content, now: number, out: Output[]): void {
    for (const session of [...this.sessions.values()]) {
      if (!session.open) continue;
      const bad = session.learnPieceCount(content.pieceCount);
      content.introduced(session, null, now, out);
      if (bad !== null) this.drop(session, { kind: 'violation', violation: bad }, now, out);
      else content.giving.greeted(session, now, out);
    }
    this.fillEverybody();
  }

  /** [SS1] No other seed is known of, and more than one leecher is. */
  #isLoneSeed(): boolean {
    let leechers = 0;
    for (const { open, has } of this.sessions.values()) {
      if (open && has?.isFull === true) return false;
      if (open) leechers++;
    }
    const others = this.presence.peers;
    return others.seeds === 0 && Math.max(leechers, others.leechers) > 1;
  }

  // Whom to ask

  /** [CH1] */
  choked(session: PeerSession): void {
    session.choked = true;
    this.#serving.delete(session);
  }

  unchoked(session: PeerSession): void {
    session.choked = false;
    session.turnBegins = true;
    this.#serving.add(session);
  }

  fillEverybody(): void {
    this.#everybody = true;
  }

  /** Asks for more wherever something changed since the last time. Without a wish it only forgets the changes. */
  fill(downloading: boolean, now: number, out: Output[]): void {
    const { content } = this;
    if (content !== null) this.#mindLimit(content, downloading, now);
    if (downloading && content !== null) {
      const sessions = this.#everybody ? this.#serving : this.toFill;
      for (const session of sessions) content.requests.fill(session, now, out);
    }
    this.#everybody = false;
    this.toFill.clear();
    content?.giving.run(now, out);
  }

  /** A limit that opens is open to everybody; who asks for nothing waits for none. */
  #mindLimit({ requests }: Content, downloading: boolean, now: number): void {
    if (requests.opensAt !== null && now >= requests.opensAt) this.#everybody = true;
    if (this.#everybody || !downloading) requests.opensAt = null;
  }

  /** When a rate limit lets something go on; Infinity: none is in the way. */
  opensAt(): number {
    const { giving, requests } = this.content ?? {};
    return Math.min(giving?.opensAt ?? Infinity, requests?.opensAt ?? Infinity);
  }

  limitPeers({ peerUp, peerDown }: PeerLimits, now: number): void {
    this.#peerLimits = { peerUp, peerDown };
    for (const session of this.sessions.values()) this.#limit(session, now);
    this.content?.giving.limitsChanged();
    this.fillEverybody();
  }

  #limit(session: PeerSession, now: number): void {
    session.upLimit.setRate(this.#peerLimits.peerUp, now);
    session.downLimit.setRate(this.#peerLimits.peerDown, now);
  }

  takeEverythingBack(out: Output[]): void {
    for (const session of this.sessions.values()) this.content?.requests.takeBackAll(session, out);
  }

  // Time

  tick(now: number, out: Output[]): void {
    this.lookForManifest(now, out);
    for (const session of [...this.sessions.values()]) this.#tickSession(session, now, out);
    this.content?.giving.tick(now, out);
    this.dial(now, out);
    this.fillEverybody();
  }

  /** [HS5] Who does not end its handshake, or lets everything time out for ever, goes. */
  #tickSession(session: PeerSession, now: number, out: Output[]): void {
    if (!session.open && now - session.openedAt >= HANDSHAKE_TIMEOUT_MS) {
      return this.drop(session, { kind: 'silent' }, now, out);
    }
    const { content } = this;
    if (content === null) return;
    if (this.#worth.isPointless(session, content.ledger.complete, now)) {
      return this.drop(session, { kind: 'useless' }, now, out);
    }
    content.requests.expire(session, now, out);
    if (content.requests.isHopeless(session)) return this.drop(session, { kind: 'silent' }, now, out);
  }

  dial(now: number, out: Output[]): void {
    if (!this.stopped) this.members.dial(this.content?.ledger.complete === true, now, out);
  }

  /** It sent bytes that do not match their hash. */
  expel(peer: PeerId, piece: number, now: number, out: Output[]): void {
    this.members.ban(peer);
    const session = this.sessionOf(peer);
    if (session === undefined) return;
    const what = violation('bad-data', `what it sent of piece ${piece} does not match its hash`);
    this.drop(session, { kind: 'violation', violation: what }, now, out);
  }

  dropAll(now: number, out: Output[]): void {
    for (const session of [...this.sessions.values()]) this.drop(session, { kind: 'stopped' }, now, out);
    this.members.forgetAll();
    this.presence.forget();
  }
}
