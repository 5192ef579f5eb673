/**
 * The machine of one share: takes each Input, gives it to the part that owns the matter, and returns the orders
 * ([EN1]–[EN6]). Owns the times; holds no clock, no randomness and no IO of its own. Frames are dispatch.ts's,
 * connections are connections.ts's, the road of a piece is piece-road.ts's, what the person wants is intent.ts's.
 */
import { unreachable } from '../assert.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/resource.ts';
import type { Random } from '../random.ts';
import { Announcer } from './connection/announcer.ts';
import { Connections } from './connection/connections.ts';
import { Dispatch } from './connection/dispatch.ts';
import { Content } from './content.ts';
import type { SharedBuckets } from './content.ts';
import { Intent } from './intent.ts';
import type { EngineSnapshot, Input, Machine, Output, PieceOrder, SharePhase } from './io.ts';
import { TokenBucket } from './meters/token-bucket.ts';
import type { Allocate } from './pieces/ledger.ts';
import { PieceRoad } from './piece-road.ts';
import { snapshotOf } from './snapshot.ts';
import { Uplink } from './upload/uplink.ts';

export interface EngineConfig {
  readonly own: PeerId;
  readonly infoHash: InfoHash;
  /** Null: a peer has it. */
  readonly manifest: Manifest | null;
  /** The pieces that are here already; nothing without a manifest. */
  readonly owned: 'all' | readonly number[];
  readonly random: Random;
  /** [LB7] The driver may have content that came with other shares; left out: it cannot look. */
  readonly findsContent?: boolean;
  readonly allocate?: Allocate;
  /** Rate limits shared with other engines; left out: this engine's own. */
  readonly limits?: SharedBuckets;
}

/** ms between looks at what is late, while there is anybody to wait for. */
const TICK_MS = 250;
const IDLE_TICK_MS = 1_000;

export class Engine implements Machine {
  readonly infoHash: InfoHash;
  readonly #config: EngineConfig;
  readonly #connections: Connections;
  readonly #dispatch: Dispatch;
  readonly #announcer: Announcer;
  readonly #uplink = new Uplink();
  readonly #limits: SharedBuckets;
  readonly #intent = new Intent();
  readonly #road: PieceRoad;
  #order: PieceOrder = { kind: 'rarest' };
  #lastTick = 0;

  constructor(config: EngineConfig) {
    const { own, infoHash, random, limits } = config;
    this.infoHash = infoHash;
    this.#config = config;
    this.#limits = {
      up: limits?.up.part() ?? new TokenBucket(),
      down: limits?.down.part() ?? new TokenBucket(),
    };
    this.#connections = new Connections({ own, infoHash }, random, (gone) => this.#dispatch.closed(gone));
    this.#dispatch = new Dispatch(this.#connections, infoHash);
    this.#announcer = new Announcer(random);
    this.#road = new PieceRoad({
      content: () => this.#content,
      connections: this.#connections,
      intent: this.#intent,
      arrived: (now, out) => this.#checkComplete(now, out),
      leave: (now, out) => this.#leaveSwarm(now, out),
    });
    if (config.manifest === null) return;
    const content = this.#contentOf(config.manifest, config.owned);
    this.#dispatch.begin(content);
    // An empty share has nothing that could have been stored: whether it is done is the person's intent alone.
    const { ledger } = content;
    if (config.owned === 'all' || (ledger.complete && ledger.pieceCount > 0)) this.#intent.beginComplete();
  }

  handle(input: Input, now: number): Output[] {
    const out: Output[] = [];
    this.#route(input, now, out);
    const content = this.#content;
    content?.run(this.#phase() === 'downloading', now, out);
    this.#dispatch.run(out);
    return out;
  }

  nextWakeup(): number | null {
    const [swarm, tryAt] = [this.#swarmWakeup(), this.#content?.room.tryAt ?? Infinity];
    return tryAt === Infinity ? swarm : Math.min(swarm ?? Infinity, tryAt);
  }

  #swarmWakeup(): number | null {
    const announce = this.#announcer.dueAt;
    if (this.#connections.stopped) return announce;
    const linked = this.#connections.size > 0;
    // With neither tracker nor connection there is nothing to do but to dial again ([SW2]).
    if (!(linked || this.#announcer.online)) return this.#connections.members.nextDialAt(this.#isSeed);
    const tick = this.#lastTick + (linked && this.#phase() === 'downloading' ? TICK_MS : IDLE_TICK_MS);
    const { download, upload } = this.#content ?? {};
    const opensAt = Math.min(download?.opensAt ?? Infinity, upload?.opensAt ?? Infinity);
    const soonest = Math.min(this.#dispatch.manifestDueAt, this.#connections.members.waveAt);
    return Math.min(tick, announce ?? Infinity, opensAt, soonest);
  }

  /** [SW3] Whether that peer is let in. */
  readonly welcomes = (peer: PeerId): boolean => this.#connections.welcomes(peer);

  availability(): Uint8Array<ArrayBuffer> {
    return this.#content?.download.picker.copies() ?? new Uint8Array(0);
  }

  snapshot(now: number): EngineSnapshot {
    const content = this.#content;
    return snapshotOf({
      phase: this.#phase(),
      trouble: this.#intent.trouble,
      manifestRefused: this.#dispatch.manifestRefused,
      content,
      connections: this.#connections,
      ...this.#connections.people(content),
      ...this.#announcer.standing,
      movedAt: Math.max(this.#intent.askedAt, content?.movedAt ?? 0),
      now,
    });
  }

  /** One step to the owner of each matter. */
  #route(input: Input, now: number, out: Output[]): void {
    const connections = this.#connections;
    switch (input.kind) {
      case 'bytes-received':
        return this.#dispatch.receive(input.link, input.bytes, now, out);
      case 'bytes-sent':
        return this.#uplink.left(connections.get(input.link)?.slot, input.bytes, now);
      case 'link-opened':
        return connections.opened(input, now, out);
      case 'link-closed':
      case 'link-flooded':
        return this.#dispatch.linkEnded(input, now, out);
      case 'dial-answered':
        return connections.members.dialAnswered(input.peer);
      case 'dial-failed':
        return connections.members.dialFailed(input.peer, now);
      case 'manifest-hashed':
        return this.#manifestHashed(input, now, out);
      case 'piece-hashed':
      case 'piece-stored':
      case 'store-failed':
      case 'room-made':
      case 'pieces-looked-up':
      case 'pieces-adopted':
      case 'adoption-refused':
      case 'pieces-lost':
      case 'block-unreadable':
        return this.#road.handle(input, now, out);
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
      case 'renamed':
        this.#announcer.leave(now, this.#left(), out);
        return connections.renamed(input.own);
      case 'own-tabs-known':
      case 'link-limit-changed':
      case 'peer-kicked':
      case 'announce-refused':
      case 'tracker-opened':
      case 'tracker-lost':
      case 'peers-announced':
      case 'peer-joined':
      case 'peer-left':
      case 'network-changed':
        return this.#reachabilityChanged(input, now, out);
      case 'time-passed':
        return this.#tick(now, out);
      default:
        return unreachable(input);
    }
  }

  /** Who is there, whether they can be reached, and whom the person wants. */
  #reachabilityChanged(input: Input, now: number, out: Output[]): void {
    const connections = this.#connections;
    switch (input.kind) {
      case 'tracker-opened':
        connections.trackerReached(true);
        return this.#announcer.trackerOpened(now, this.#left(), connections.members.wanted, out);
      case 'tracker-lost':
        connections.trackerReached(false);
        return this.#announcer.trackerLost();
      case 'peers-announced':
        this.#announcer.answered(input.interval);
        connections.announced(input, this.#isSeed);
        return connections.dial(this.#isSeed, now, out);
      case 'peer-joined':
        connections.joined(input, now, out);
        return connections.dial(this.#isSeed, now, out);
      case 'peer-left':
        return connections.left(input, now, out);
      case 'network-changed':
        this.#announce('update', now, out);
        return connections.networkChanged(this.#isSeed, now, out);
      case 'announce-refused':
        return this.#announcer.announceRefused();
      case 'own-tabs-known':
        return connections.presence.ownTabsKnown(input.peers);
      case 'link-limit-changed':
        return connections.limitLinks(input.most, now, out);
      case 'peer-kicked':
        return connections.kick(input.peer, now, out);
      default:
    }
  }

  // The road of a piece

  #manifestHashed(input: Input & { kind: 'manifest-hashed' }, now: number, out: Output[]): void {
    const manifest = this.#dispatch.manifestHashed(input, now, out);
    if (manifest === null) return;
    out.push({ kind: 'keep-manifest', manifest }, { kind: 'report', event: { kind: 'manifest-accepted' } });
    const content = this.#contentOf(manifest, []);
    this.#dispatch.introduce(content, now, out);
    content.download.requests.reorder(this.#order, out);
    this.#lookUp(out);
    this.#announce('update', now, out);
    this.#checkComplete(now, out);
  }

  #contentOf(manifest: Manifest, owned: 'all' | readonly number[]): Content {
    const { random, allocate, findsContent } = this.#config;
    return new Content({
      manifest,
      owned,
      sources: this.#connections.sources,
      slots: this.#connections.slots,
      uplink: this.#uplink,
      random,
      findsContent: findsContent === true,
      allocate: allocate ?? ((bytes) => new Uint8Array(bytes)),
      limits: this.#limits,
      isLoneSeed: () => this.#connections.isLoneSeed,
    });
  }

  #checkComplete(now: number, out: Output[]): void {
    const reached = this.#isSeed ? this.#intent.everythingHere() : null;
    if (reached === null) return;
    this.#announce(reached === 'again' ? 'update' : 'completed', now, out);
    if (reached === 'completed') out.push({ kind: 'report', event: { kind: 'completed' } });
  }

  // The person's intent

  /** [LB7] What is here already is not asked of anybody. With each intent anew: another share may have come since. */
  #lookUp(out: Output[]): void {
    if (this.#phase() === 'downloading') this.#content?.download.adoption.lookUp(out);
  }

  #downloadRequested(now: number, out: Output[]): void {
    this.#intent.download(now);
    if (this.#connections.stopped) this.#resume(now, out);
    this.#lookUp(out);
    this.#checkComplete(now, out);
    this.#content?.wanted();
  }

  #pause(out: Output[]): void {
    this.#intent.pause();
    this.#content?.download.cancelAll(out);
  }

  #stop(now: number, out: Output[]): void {
    this.#intent.pause();
    this.#leaveSwarm(now, out);
  }

  #leaveSwarm(now: number, out: Output[]): void {
    this.#announcer.stop(now, this.#left(), out);
    this.#connections.stop(now, out);
  }

  #resume(now: number, out: Output[]): void {
    this.#connections.resume();
    this.#intent.resume();
    this.#announcer.restart(now, this.#left(), this.#connections.members.wanted, out);
    this.#lookUp(out);
    this.#content?.download.mayAskAll();
  }

  /** [RL2] Holds from the next block on. */
  #limitsChanged(input: Input & { kind: 'limits-changed' }, now: number): void {
    this.#limits.up.setRate(input.up, now);
    this.#limits.down.setRate(input.down, now);
    this.#connections.limitPeers(input, now);
    this.#content?.upload.limitsChanged();
    this.#content?.download.mayAskAll();
  }

  /** [PK2] Holds also for a manifest that is not here yet. */
  #orderChanged(order: PieceOrder, out: Output[]): void {
    this.#order = order;
    this.#content?.download.requests.reorder(order, out);
    this.#content?.download.mayAskAll();
  }

  // Time

  #tick(now: number, out: Output[]): void {
    const content = this.#content;
    this.#lastTick = now;
    this.#announcer.tick(now, this.#left(), this.#connections.members.wanted, out);
    this.#dispatch.lookForManifest(now, out);
    this.#connections.tick(content, now, out);
    content?.upload.tick(now, out);
    this.#connections.dial(this.#isSeed, now, out);
    content?.download.mayAskAll();
  }

  #announce(event: 'update' | 'completed', now: number, out: Output[]): void {
    this.#announcer.announce(event, now, this.#left(), this.#connections.members.wanted, out);
  }

  get #content(): Content | null {
    return this.#dispatch.content;
  }

  get #isSeed(): boolean {
    return this.#content?.ledger.complete === true;
  }

  #left(): number | null {
    return this.#content?.missingBytes ?? null;
  }

  #phase(): SharePhase {
    return this.#intent.phase(this.#connections.stopped, this.#content?.room.isFull ?? null);
  }
}
