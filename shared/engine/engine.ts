/**
 * The machine of one share: takes each Input, gives it to the part that owns the matter, and returns the orders
 * ([EN1]–[EN6]). Owns the times; holds no clock, no randomness and no IO of its own. Frames are dispatch.ts's,
 * connections are connections.ts's, the road of a piece is piece-road.ts's, what the person asks is person.ts's.
 */
import { unreachable } from '../assert.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/resource.ts';
import type { BlockRange } from '../protocol/frames.ts';
import type { Random } from '../random.ts';
import { Announcer } from './connection/announcer.ts';
import { Connections } from './connection/connections.ts';
import { Dispatch } from './connection/dispatch.ts';
import { Content } from './content.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { SharedBuckets } from './content.ts';
import { Intent } from './intent.ts';
import type { EngineSnapshot, Input, Machine, Output } from './io.ts';
import { TokenBucket } from './meters/token-bucket.ts';
import type { Allocate } from './pieces/ledger.ts';
import { Person } from './person.ts';
import { PieceRoad } from './piece-road.ts';
import { snapshotOf } from './snapshot.ts';
import { Uplink } from './upload/uplink.ts';
import { isOfWeb, WebSide } from './web/web-side.ts';
import type { LendingRole, WebTerms } from './web/web-side.ts';

export interface EngineConfig {
  readonly own: PeerId;
  readonly infoHash: InfoHash;
  /** Null: a peer has it. */
  readonly manifest: Manifest | null;
  /** The pieces that are here already; nothing without a manifest. */
  readonly owned: 'all' | readonly number[];
  readonly random: Random;
  /** [PK4] The files that are wanted, as `files-chosen` has them; left out: all. */
  readonly files?: ChosenFiles;
  /** [LB7] The driver may have content that came with other shares; left out: it cannot look. */
  readonly findsContent?: boolean;
  readonly allocate?: Allocate;
  /** [RQ7] Bytes of whole pieces that the driver may be storing while more is asked for; left out: any number. */
  readonly mostUnstoredBytes?: number;
  /** [WS20] The swarm of a web address: nobody knows the hashes of `manifest`. Left out: an ordinary share. */
  readonly web?: WebTerms;
  /** Rate limits shared with other engines; left out: this engine's own. */
  readonly limits?: SharedBuckets;
  /** [WS30] This is the swarm of those who lend their connection, and what we do there; left out: it is another one. */
  readonly lending?: LendingRole;
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
  readonly #person: Person;
  readonly #road: PieceRoad;
  readonly #web: WebSide;
  #lastTick = 0;
  /** [UP7] The tracker does not know yet how much is left. */
  #leftChanged = false;

  constructor(config: EngineConfig) {
    const { own, infoHash, random, limits } = config;
    this.infoHash = infoHash;
    this.#config = config;
    this.#limits = {
      up: limits?.up.part() ?? new TokenBucket(),
      down: limits?.down.part() ?? new TokenBucket(),
    };
    this.#connections = new Connections({ own, infoHash }, random, (gone) => this.#dispatch.closed(gone), {
      meets: config.lending === 'asks' ? 'seeds' : 'all',
      keepsAll: config.web !== undefined,
    });
    this.#web = new WebSide({
      ...{ own, connections: this.#connections, random, content: () => this.#content },
      ...{ terms: config.web ?? null, lending: config.lending ?? null },
      lost: (pieces, now, out) => this.#road.handle({ kind: 'pieces-lost', pieces }, now, out),
    });
    this.#dispatch = new Dispatch(this.#connections, infoHash, this.#web);
    this.#announcer = new Announcer(random);
    const parts = { content: () => this.#content, connections: this.#connections, intent: this.#intent };
    const [announcer, files] = [this.#announcer, config.files ?? null];
    const person = new Person({ ...parts, announcer, limits: this.#limits, files });
    this.#person = person;
    this.#road = new PieceRoad({
      ...parts,
      expel: (sender, piece, now, out) => {
        if (!this.#web.expel(sender, out)) this.#connections.expel(sender, piece, now, out);
      },
      arrived: (now, out) => person.checkComplete(now, out),
      web: this.#web.swarm,
      lessToServe: () => (this.#leftChanged = true),
      leave: (now, out) => person.leaveSwarm(now, out),
    });
    if (config.manifest === null) return;
    const content = this.#contentOf(config.manifest, config.owned);
    this.#dispatch.begin(content);
    this.#web.seeds.contentKnown(content, 0);
    // Where nothing could have been stored, as of an empty share, whether it is done is the person's intent alone.
    const { ledger, selection } = content;
    const isHere = selection.complete && ledger.owned.count > 0;
    if (config.owned === 'all' || isHere) this.#intent.beginComplete(ledger.complete);
  }

  handle(input: Input, now: number): Output[] {
    const out: Output[] = [];
    this.#route(input, now, out);
    const content = this.#content;
    const isLoading = this.#person.phase === 'downloading';
    if (isLoading) this.#web.followed(input.kind, now);
    content?.run(isLoading, now, out);
    this.#web.run(this.#connections.stopped, now, out);
    this.#dispatch.run(out);
    this.#web.swarm?.checkThrough(this.#person.phase === 'complete', out);
    return out;
  }

  nextWakeup(): number | null {
    const [swarm, tryAt] = [this.#swarmWakeup(), this.#content?.room.tryAt ?? Infinity];
    return tryAt === Infinity ? swarm : Math.min(swarm ?? Infinity, tryAt);
  }

  #swarmWakeup(): number | null {
    const announce = this.#announcer.dueAt;
    if (this.#connections.stopped) return announce;
    const isLoading = this.#person.phase === 'downloading';
    const takesTurns = isLoading && this.#web.swarm !== null;
    const linked = this.#connections.size > 0 || this.#web.isBusy || takesTurns;
    // With neither tracker nor connection there is nothing to do but to dial again ([SW2]).
    if (!(linked || this.#announcer.online))
      return soonestOf(
        this.#connections.members.nextDialAt(this.#person.isServed) ?? Infinity,
        this.#web.dueAt,
      );
    const tick = this.#lastTick + (linked && (isLoading || this.#web.isLooking) ? TICK_MS : IDLE_TICK_MS);
    const { download, upload } = this.#content ?? {};
    const opensAt = Math.min(download?.opensAt ?? Infinity, upload?.opensAt ?? Infinity);
    const soonest = Math.min(this.#dispatch.manifestDueAt, this.#connections.members.waveAt);
    return Math.min(tick, announce ?? Infinity, opensAt, soonest, this.#web.dueAt);
  }

  /** [PK4] As they were chosen last, also for a manifest that is not here yet. */
  get files(): ChosenFiles {
    return this.#person.files;
  }

  /** Of all pieces, as far as they are known ([WS20]), in lowercase hex; of a share without a manifest none. */
  readonly pieceHashes = (): readonly string[] => this.#content?.hashes ?? [];

  /** [SW3] Whether that peer is let in. */
  readonly welcomes = (peer: PeerId): boolean => this.#connections.welcomes(peer);

  /** Links are made, and it can be found: the person has not stopped it, and there is something to serve or to fetch. */
  get isInSwarm(): boolean {
    return !this.#connections.stopped;
  }

  /** Whether there is a connection to that peer. */
  isLinked(peer: PeerId): boolean {
    return this.#connections.of(peer) !== undefined;
  }

  availability(): Uint8Array<ArrayBuffer> {
    return this.#content?.download.picker.copies() ?? new Uint8Array(0);
  }

  /** [WS34] Blocks that others asked for and that are not ordered yet, in about the order in which they will be. */
  upcoming(mostBytes: number): readonly BlockRange[] {
    return this.#content?.upload.upcoming(mostBytes) ?? [];
  }

  snapshot(now: number): EngineSnapshot {
    const content = this.#content;
    return snapshotOf({
      phase: this.#person.phase,
      trouble: this.#intent.trouble,
      manifestRefused: this.#dispatch.manifestRefused,
      content,
      connections: this.#connections,
      webSeeds: this.#web.seeds,
      web: this.#web.swarm,
      ...this.#connections.people(content),
      ...this.#announcer.standing,
      movedAt: Math.max(this.#intent.askedAt, content?.movedAt ?? 0),
      now,
    });
  }

  /** One step to the owner of each matter. */
  #route(input: Input, now: number, out: Output[]): void {
    const connections = this.#connections;
    if (isOfWeb(input)) return this.#web.handle(input, now, out);
    switch (input.kind) {
      case 'bytes-received':
        return this.#dispatch.receive(input, now, out);
      case 'subflow-ended':
        return this.#dispatch.subflowEnded(input, out);
      case 'bytes-sent':
        return this.#uplink.left(connections.get(input.link)?.slot, input.bytes, now);
      case 'link-opened':
        return this.#dispatch.opened(input, now, out);
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
      case 'download-paused':
      case 'sharing-stopped':
      case 'sharing-resumed':
      case 'limits-changed':
      case 'order-changed':
      case 'files-chosen':
        return this.#person.handle(input, now, out);
      case 'renamed':
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
      case 'renamed':
        this.#announcer.leave(now, this.#person.left, out);
        return connections.renamed(input.own);
      case 'tracker-opened':
        connections.trackerReached(true);
        return this.#announcer.trackerOpened(now, this.#person.left, connections.members.wanted, out);
      case 'tracker-lost':
        connections.trackerReached(false);
        return this.#announcer.trackerLost();
      case 'peers-announced':
        this.#announcer.answered(input.interval);
        connections.announced(input, this.#person.isSeed);
        return connections.dial(this.#person.isServed, now, out);
      case 'peer-joined':
        connections.joined(input, now, out);
        return connections.dial(this.#person.isServed, now, out);
      case 'peer-left':
        return connections.left(input, now, out);
      case 'network-changed':
        this.#person.announce('update', now, out);
        return connections.networkChanged(this.#person.isServed, now, out);
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
    this.#web.seeds.contentKnown(content, now);
    this.#person.contentKnown(content, now, out);
  }

  #contentOf(manifest: Manifest, owned: 'all' | readonly number[]): Content {
    const { random, allocate, findsContent } = this.#config;
    return new Content({
      manifest,
      owned,
      files: this.#person.files,
      sources: this.#connections.sources,
      slots: this.#connections.slots,
      uplink: this.#uplink,
      random,
      findsContent: findsContent === true,
      allocate: allocate ?? ((bytes) => new Uint8Array(bytes)),
      mostUnstoredBytes: this.#config.mostUnstoredBytes ?? Infinity,
      limits: this.#limits,
      isLoneSeed: () => this.#connections.isLoneSeed,
      isOnlyReceiver: () => this.#connections.isOnlyReceiver,
      hashes: this.#config.web === undefined ? null : (this.#config.web.hashes ?? new Map()),
    });
  }

  // Time

  #tick(now: number, out: Output[]): void {
    const content = this.#content;
    this.#lastTick = now;
    this.#announcer.tick(now, this.#person.left, this.#connections.members.wanted, out);
    if (this.#leftChanged) this.#person.announce('update', now, out);
    this.#leftChanged = false;
    this.#dispatch.lookForManifest(now, out);
    this.#connections.tick(content, now, out);
    this.#web.tick(this.#person.phase === 'downloading', now, out);
    content?.upload.tick(now, out);
    this.#connections.dial(this.#person.isServed, now, out);
    content?.download.mayAskAll();
  }

  get #content(): Content | null {
    return this.#dispatch.content;
  }
}

function soonestOf(...times: readonly number[]): number | null {
  const soonest = Math.min(...times);
  return soonest === Infinity ? null : soonest;
}
