/**
 * The machine of one share: takes each Input, gives it to the part that owns the matter, and returns the orders
 * ([EN1]–[EN6]). Owns the person's wish, the road of a piece and the times; holds no clock, no randomness and no
 * IO of its own. Connections and frames are swarm.ts's.
 */
import { assert, unreachable } from '../assert.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/resource.ts';
import type { Random } from '../random.ts';
import { Announcer } from './connection/announcer.ts';
import type { Limits } from './content.ts';
import type { Input, Machine, Output, PieceOrder } from './io.ts';
import type { Allocate } from './pieces/ledger.ts';
import { snapshotOf } from './snapshot.ts';
import type { EngineSnapshot, SharePhase, Trouble } from './snapshot.ts';
import { Swarm } from './connection/connections.ts';
import { TokenBucket } from './meters/token-bucket.ts';

export interface EngineConfig {
  readonly own: PeerId;
  readonly infoHash: InfoHash;
  /** Null: a peer has it. */
  readonly manifest: Manifest | null;
  /** The pieces that are here already; nothing without a manifest. */
  readonly owned: 'all' | readonly number[];
  readonly random: Random;
  readonly allocate?: Allocate;
  /** Rate limits shared with other engines; left out: this engine's own. */
  readonly limits?: Limits;
}

/** ms between looks at what is late, while there is anybody to wait for. */
const TICK_MS = 250;
const IDLE_TICK_MS = 1_000;

export class Engine implements Machine {
  readonly infoHash: InfoHash;
  readonly #own: PeerId;
  readonly #swarm: Swarm;
  readonly #announcer: Announcer;
  readonly #limits: Limits;
  #wish: 'look' | 'download' | 'pause' = 'look';
  #order: PieceOrder = { kind: 'rarest' };
  #trouble: Trouble | null = null;
  #completed = false;
  /** It was complete before: a piece that had to be fetched anew completes nothing. */
  #wasComplete = false;
  #lastTick = 0;

  constructor(config: EngineConfig) {
    const { own, infoHash, random } = config;
    const allocate = config.allocate ?? ((bytes) => new Uint8Array(bytes));
    this.infoHash = infoHash;
    this.#own = own;
    const { limits } = config;
    this.#limits = {
      up: limits?.up.part() ?? new TokenBucket(),
      down: limits?.down.part() ?? new TokenBucket(),
    };
    this.#swarm = new Swarm({ own, infoHash, random, allocate, limits: this.#limits });
    this.#announcer = new Announcer(random);
    if (config.manifest === null) return;
    const { ledger } = this.#swarm.know(config.manifest, config.owned);
    // An empty share has nothing that could have been stored: whether it is done is the person's wish alone.
    this.#completed = config.owned === 'all' || (ledger.complete && ledger.pieceCount > 0);
    this.#wasComplete = this.#completed;
  }

  handle(input: Input, now: number): Output[] {
    const out: Output[] = [];
    this.#route(input, now, out);
    this.#swarm.fill(this.#phase() === 'downloading', now, out);
    return out;
  }

  nextWakeup(): number | null {
    const announce = this.#announcer.dueAt;
    const linked = this.#swarm.sessions.size > 0;
    if (this.#swarm.stopped) return announce;
    if (!(linked || this.#announcer.online)) return this.#nextDialAt();
    const tick = this.#lastTick + (linked && this.#phase() === 'downloading' ? TICK_MS : IDLE_TICK_MS);
    return Math.min(tick, announce ?? Infinity, this.#swarm.opensAt());
  }

  /** With neither tracker nor connection there is nothing to do but to dial again ([SW2]). */
  #nextDialAt(): number | null {
    const { members, content } = this.#swarm;
    const at = members.nextDialAt(content?.ledger.complete === true);
    return at === Infinity ? null : at;
  }

  snapshot(now: number): EngineSnapshot {
    const { content, sessions, lastBlockAt } = this.#swarm;
    const [phase, trouble, announcer] = [this.#phase(), this.#trouble, this.#announcer];
    return snapshotOf({
      own: this.#own,
      phase,
      trouble,
      content,
      sessions: [...sessions.values()],
      ...this.#swarm.people(),
      trackerOnline: announcer.online,
      lastBlockAt,
      now,
    });
  }

  #route(input: Input, now: number, out: Output[]): void {
    const swarm = this.#swarm;
    switch (input.kind) {
      case 'link-opened':
        return swarm.linkOpened(input.link, input.role, input.expected, now, out);
      case 'bytes-received':
        return swarm.bytesReceived(input.link, input.bytes, now, out);
      case 'bytes-sent':
        return swarm.bytesSent(input.link, input.bytes, now, out);
      case 'link-closed':
        return swarm.linkClosed(input.link, now);
      case 'dial-failed':
        return swarm.members.dialFailed(input.peer, now);
      case 'manifest-hashed':
        return this.#manifestHashed(input, now, out);
      case 'piece-hashed':
        return this.#pieceHashed(input.piece, input.sha256, now, out);
      case 'piece-stored':
        return this.#pieceStored(input.piece, now, out);
      case 'store-failed':
        return this.#storeFailed(input, out);
      case 'block-unreadable':
        return this.#blockUnreadable(input, now, out);
      case 'download-requested':
        return this.#downloadRequested(now, out);
      case 'download-paused':
        return this.#pause(out);
      case 'sharing-stopped':
        return this.#stop(now, out);
      case 'sharing-resumed':
        return this.#resume(now, out);
      case 'limits-changed':
        return this.#limitsChanged(input, now);
      case 'order-changed':
        return this.#orderChanged(input.order, out);
      case 'tracker-opened':
      case 'tracker-lost':
      case 'peers-announced':
      case 'peer-joined':
      case 'peer-left':
        return this.#trackerSaid(input, now, out);
      case 'time-passed':
        return this.#tick(now, out);
      default:
        return unreachable(input);
    }
  }

  #trackerSaid(input: Input, now: number, out: Output[]): void {
    const { members, presence } = this.#swarm;
    switch (input.kind) {
      case 'tracker-opened':
        members.trackerReached(true);
        return this.#announcer.trackerOpened(now, this.#left(), members.wanted, out);
      case 'tracker-lost':
        members.trackerReached(false);
        return this.#announcer.trackerLost();
      case 'peers-announced':
        return this.#peersAnnounced(input, now, out);
      case 'peer-joined':
        if (!this.#swarm.knows(input.peer.id)) presence.came(input.peer.seed);
        members.joined(input.peer);
        return this.#swarm.dial(now, out);
      case 'peer-left':
        presence.went(members.isSeed(input.peer));
        return members.left(input.peer, now);
      default:
    }
  }

  #peersAnnounced(input: Input & { kind: 'peers-announced' }, now: number, out: Output[]): void {
    const { members, presence, content } = this.#swarm;
    this.#announcer.answered(input.interval);
    for (const peer of input.peers) members.met(peer);
    if (input.peers.length + 1 === input.complete + input.incomplete) members.namedAll(input.peers);
    presence.answered(input, content?.ledger.complete === true);
    this.#swarm.dial(now, out);
  }

  // The road of a piece

  #manifestHashed(input: Input & { kind: 'manifest-hashed' }, now: number, out: Output[]): void {
    if (!this.#swarm.manifestHashed(input, now, out)) return;
    this.#swarm.content?.reorder(this.#order, out);
    this.#announce('update', now, out);
    this.#checkComplete(now, out);
  }

  /** [PL2] [PL5] Who is known to have sent wrong bytes has to go; of several senders nobody is known yet. */
  #pieceHashed(piece: number, sha256: string, now: number, out: Output[]): void {
    const { content } = this.#swarm;
    assert(content !== null, 'a piece is hashed of a known manifest');
    const result = content.hashed(piece, sha256, out);
    if (result.kind === 'corrupt') {
      out.push({ kind: 'report', event: { kind: 'piece-refused', piece, peers: result.senders } });
    }
    const liars =
      result.kind === 'verified' ? result.liars : result.senders.length === 1 ? result.senders : [];
    for (const peer of liars) this.#swarm.expel(peer, piece, now, out);
    this.#swarm.fillEverybody();
  }

  #pieceStored(piece: number, now: number, out: Output[]): void {
    const { content } = this.#swarm;
    assert(content !== null, 'a piece is stored of a known manifest');
    content.stored(piece, now, out);
    this.#checkComplete(now, out);
    this.#swarm.fillEverybody();
  }

  /** [PL4] [EN5] Nothing more is asked for until the person says so; what is stored stays and is served. */
  #storeFailed(input: Input & { kind: 'store-failed' }, out: Output[]): void {
    this.#swarm.content?.notStored(input.piece);
    this.#trouble = { kind: 'store', why: input.why };
    this.#swarm.takeEverythingBack(out);
  }

  /** [UP3] Our copy of one piece is gone: fetch it anew. The shared file itself is: nobody is served any more. */
  #blockUnreadable(input: Input & { kind: 'block-unreadable' }, now: number, out: Output[]): void {
    const { content, sessions } = this.#swarm;
    const session = sessions.get(input.link);
    if (session !== undefined) content?.giving.unreadable(session, input, out);
    if (input.why === 'missing') {
      content?.lost(input.piece, now, out);
      // Who had everything wants everything.
      if (this.#completed) this.#wish = 'download';
      this.#completed = false;
      this.#swarm.fillEverybody();
      return;
    }
    this.#leaveSwarm(now, out);
    this.#trouble = { kind: 'source', why: input.why };
  }

  #checkComplete(now: number, out: Output[]): void {
    if (this.#completed || this.#wish !== 'download' || this.#swarm.content?.ledger.complete !== true) return;
    this.#completed = true;
    if (this.#wasComplete) return this.#announce('update', now, out);
    this.#wasComplete = true;
    this.#announce('completed', now, out);
    out.push({ kind: 'report', event: { kind: 'completed' } });
  }

  // The person's wish

  #downloadRequested(now: number, out: Output[]): void {
    this.#wish = 'download';
    this.#trouble = null;
    this.#swarm.lastBlockAt = now;
    if (this.#swarm.stopped) this.#resume(now, out);
    this.#checkComplete(now, out);
    this.#swarm.fillEverybody();
  }

  #pause(out: Output[]): void {
    if (this.#wish === 'download' && !this.#completed) this.#wish = 'pause';
    this.#swarm.takeEverythingBack(out);
  }

  #stop(now: number, out: Output[]): void {
    if (this.#wish === 'download' && !this.#completed) this.#wish = 'pause';
    this.#leaveSwarm(now, out);
  }

  #leaveSwarm(now: number, out: Output[]): void {
    this.#announcer.stop(now, this.#left(), out);
    this.#swarm.dropAll(now, out);
    this.#swarm.stopped = true;
  }

  #resume(now: number, out: Output[]): void {
    this.#swarm.stopped = false;
    this.#trouble = null;
    this.#announcer.restart(now, this.#left(), this.#swarm.members.wanted, out);
    this.#swarm.fillEverybody();
  }

  /** [RL2] Holds from the next block on. */
  #limitsChanged(input: Input & { kind: 'limits-changed' }, now: number): void {
    this.#limits.up.setRate(input.up, now);
    this.#limits.down.setRate(input.down, now);
    this.#swarm.limitPeers(input, now);
  }

  /** [PK2] Holds also for a manifest that is not here yet. */
  #orderChanged(order: PieceOrder, out: Output[]): void {
    this.#order = order;
    this.#swarm.content?.reorder(order, out);
    this.#swarm.fillEverybody();
  }

  // Time

  #tick(now: number, out: Output[]): void {
    this.#lastTick = now;
    this.#announcer.tick(now, this.#left(), this.#swarm.members.wanted, out);
    this.#swarm.tick(now, out);
  }

  #announce(event: 'update' | 'completed', now: number, out: Output[]): void {
    this.#announcer.announce(event, now, this.#left(), this.#swarm.members.wanted, out);
  }

  #left(): number | null {
    return this.#swarm.content?.missingBytes ?? null;
  }

  #phase(): SharePhase {
    if (this.#trouble !== null) return 'failed';
    if (this.#swarm.stopped) return 'stopped';
    if (this.#swarm.content === null) return 'looking';
    if (this.#completed) return 'complete';
    if (this.#wish === 'download') return 'downloading';
    return this.#wish === 'pause' ? 'paused' : 'ready';
  }
}
