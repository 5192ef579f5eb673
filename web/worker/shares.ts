/**
 * All shares of this tab ([WK1], [WK3], [WK6]): makes and opens them, routes what the tracker and the page say to the
 * right driver, and pushes snapshots, at most five a second. Owns which share this tab has in which role. Knows no
 * frames; the machine of each share is its driver's.
 */
import type { Input, PieceOrder, Report } from '../../shared/engine/io.ts';
import type { InfoHash, PeerId, SwarmId } from '../../shared/ids.ts';
import { swarmOf } from '../../shared/manifest/link.ts';
import { parseManifest } from '../../shared/manifest/resource.ts';
import type { Manifest } from '../../shared/manifest/resource.ts';
import { seededRandom } from '../../shared/random.ts';
import type { ServerMessage } from '../../shared/tracker/messages.ts';
import { askedOrder } from './asked-order.ts';
import type {
  HashingProgress,
  LimitOutcome,
  OpenedLink,
  OrderOutcome,
  PageApi,
  RateLimits,
  ShareOutcome,
  ShareRequest,
  ShareRole,
  TransferSnapshot,
} from './contract.ts';
import { ShareDriver } from './driver.ts';
import type { DriverHost } from './driver.ts';
import { blobOf } from './saving/blob-of.ts';
import { SeedingLock } from './seeding-lock.ts';
import { makeShare } from './share-maker.ts';
import { FileSource, StoreSource } from './sources.ts';
import type { BlockSource } from './sources.ts';
import { PieceCache } from './store/piece-cache.ts';
import type { PieceStore } from './store/piece-store.ts';
import { TabLimits } from './tab-limits.ts';
import { TrackerClient } from './tracker-client.ts';

/** Pushes to the page: 200 ms apart at the least. */
const PUSH_INTERVAL_MS = 200;
/** The server asks the older socket of our id whether it is alive; by then it has answered or not. */
const IN_USE_RETRY_MS = 6_000;

interface OpenShare {
  readonly role: ShareRole;
  readonly swarm: SwarmId;
  readonly driver: ShareDriver;
  saveDue: boolean;
}

export interface SharesOptions {
  readonly own: PeerId;
  readonly store: PieceStore;
  readonly page: PageApi;
  readonly trackerUrl: string;
  readonly basePath: string;
}

export class Shares {
  readonly #own: PeerId;
  readonly #store: PieceStore;
  readonly #page: PageApi;
  readonly #tracker: TrackerClient;
  readonly #cache = new PieceCache();
  readonly #limits = new TabLimits();
  readonly #lock: SeedingLock;
  readonly #shares = new Map<InfoHash, OpenShare>();
  readonly #opening = new Map<InfoHash, Promise<OpenShare>>();
  #pushTimer: ReturnType<typeof setTimeout> | undefined;
  #pushedAt = -Infinity;

  constructor(options: SharesOptions) {
    this.#own = options.own;
    this.#store = options.store;
    this.#page = options.page;
    this.#lock = new SeedingLock(options.basePath);
    this.#tracker = new TrackerClient(options.trackerUrl, options.own, {
      opened: () => this.#feedAll({ kind: 'tracker-opened' }),
      lost: () => this.#feedAll({ kind: 'tracker-lost' }),
      said: (message) => this.#trackerSaid(message),
    });
    self.addEventListener('online', () => this.#tracker.retryNow());
  }

  async share(request: ShareRequest, onProgress: (progress: HashingProgress) => void): Promise<ShareOutcome> {
    const made = await makeShare(request, onProgress);
    if (made.kind !== 'made') return made;
    const { infoHash, manifest } = made;
    if (this.#shares.has(infoHash)) return { kind: 'shared', infoHash };
    const files = request.files.map(({ file }) => file);
    const source = new FileSource(infoHash, manifest.pieces, files, this.#cache);
    this.#start(infoHash, 'sharing', manifest, 'all', source);
    return { kind: 'shared', infoHash };
  }

  /** Joins the swarm with what is stored already. */
  async open(infoHash: InfoHash): Promise<void> {
    const opened = await this.#opened(infoHash);
    if (opened.driver.snapshot().phase === 'stopped') opened.driver.feed({ kind: 'sharing-resumed' });
  }

  async download(infoHash: InfoHash): Promise<void> {
    (await this.#opened(infoHash)).driver.feed({ kind: 'download-requested' });
  }

  /** To a share that is open; otherwise there is nothing to do. */
  tell(infoHash: InfoHash, input: Input & { kind: 'download-paused' | 'sharing-stopped' }): void {
    this.#shares.get(infoHash)?.driver.feed(input);
  }

  limit(limits: RateLimits): LimitOutcome {
    const said = this.#limits.change(limits);
    if (said === null) return 'refused';
    this.#feedAll(said);
    return 'set';
  }

  async order(infoHash: InfoHash, asked: PieceOrder): Promise<OrderOutcome> {
    const order = askedOrder(asked);
    if (order === null) return 'refused';
    const share = this.#shares.get(infoHash) ?? (await this.#opening.get(infoHash));
    share?.driver.feed({ kind: 'order-changed', order });
    return share === undefined ? 'not-open' : 'set';
  }

  savedByItself(infoHash: InfoHash): void {
    const share = this.#shares.get(infoHash);
    if (share !== undefined) share.saveDue = false;
    this.#changed();
  }

  blobOf(infoHash: InfoHash, file: number): Promise<Blob | null> {
    return blobOf(this.#store, infoHash, file);
  }

  linkOpened(link: OpenedLink, port: MessagePort): void {
    const share = this.#bySwarm(link.swarm);
    if (share === undefined) port.close();
    else share.driver.linkOpened(link, port);
  }

  dialFailed(swarm: SwarmId, peer: PeerId): void {
    this.#bySwarm(swarm)?.driver.feed({ kind: 'dial-failed', peer });
  }

  sendSignal(swarm: SwarmId, to: PeerId, payload: string): void {
    this.#tracker.signal(swarm, to, payload);
  }

  #opened(infoHash: InfoHash): Promise<OpenShare> {
    const open = this.#shares.get(infoHash);
    if (open !== undefined) return Promise.resolve(open);
    const opening = this.#opening.get(infoHash) ?? this.#openStored(infoHash);
    this.#opening.set(infoHash, opening);
    return opening.finally(() => this.#opening.delete(infoHash));
  }

  async #openStored(infoHash: InfoHash): Promise<OpenShare> {
    const record = await this.#store.share(infoHash);
    const parsed = record === null ? null : parseManifest(record.manifest);
    const manifest = parsed?.kind === 'parsed' ? parsed.manifest : null;
    const count = manifest?.pieces.length ?? 0;
    const owned = manifest === null ? [] : await this.#store.ownedPieces(infoHash);
    const source = new StoreSource(this.#store, infoHash, this.#cache);
    return this.#start(
      infoHash,
      'receiving',
      manifest,
      owned.filter((piece) => piece < count),
      source,
    );
  }

  #start(
    infoHash: InfoHash,
    role: ShareRole,
    manifest: Manifest | null,
    owned: 'all' | readonly number[],
    source: BlockSource,
  ): OpenShare {
    const random = seededRandom(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
    const driver = new ShareDriver(
      { own: this.#own, infoHash, manifest, owned, random, limits: this.#limits.buckets },
      source,
      this.#host(),
    );
    const share: OpenShare = { role, swarm: swarmOf(infoHash), driver, saveDue: false };
    this.#shares.set(infoHash, share);
    driver.feed(this.#limits.said);
    if (this.#tracker.isOpen) driver.feed({ kind: 'tracker-opened' });
    this.#changed();
    return share;
  }

  #host(): DriverHost {
    return {
      store: this.#store,
      dial: (infoHash, peer) => this.#page.dial(swarmOf(infoHash), peer),
      announce: (infoHash, { event, left, want }) =>
        this.#tracker.announce({ swarm: swarmOf(infoHash), event, left, want }),
      changed: () => this.#changed(),
      reported: (infoHash, event) => this.#reported(infoHash, event),
      broke: (_infoHash, error) => this.#page.workerBroke(String(error)),
    };
  }

  #reported(infoHash: InfoHash, event: Report): void {
    const share = this.#shares.get(infoHash);
    if (event.kind === 'completed' && share?.role === 'receiving') share.saveDue = true;
  }

  #trackerSaid(message: ServerMessage): void {
    switch (message.type) {
      case 'peers': {
        const { interval, complete, incomplete } = message;
        const peers = message.peers.map(({ peerId, seed }) => ({ id: peerId, seed }));
        return this.#feed(message.swarm, { kind: 'peers-announced', interval, complete, incomplete, peers });
      }
      case 'joined':
        return this.#feed(message.swarm, {
          kind: 'peer-joined',
          peer: { id: message.peerId, seed: message.seed },
        });
      case 'left':
        return this.#feed(message.swarm, { kind: 'peer-left', peer: message.peerId });
      case 'signal':
        if (this.#bySwarm(message.swarm) === undefined) return;
        return this.#page.signalReceived(this.#own, message.swarm, message.from, message.payload);
      case 'error':
        return this.#refused(message);
      default:
    }
  }

  /** Most refusals heal with the next announce; these two want something done now. */
  #refused({ code, about }: ServerMessage & { type: 'error' }): void {
    const swarm = about?.swarm;
    if (swarm === undefined) return;
    if (code === 'no-such-peer' && about?.peerId !== undefined) {
      this.#page.peerUnreachable(swarm, about.peerId);
    }
    if (code === 'in-use') {
      setTimeout(() => {
        if (this.#tracker.isOpen) this.#feed(swarm, { kind: 'tracker-opened' });
      }, IN_USE_RETRY_MS);
    }
  }

  #bySwarm(swarm: SwarmId): OpenShare | undefined {
    for (const share of this.#shares.values()) if (share.swarm === swarm) return share;
    return undefined;
  }

  #feed(swarm: SwarmId, input: Input): void {
    this.#bySwarm(swarm)?.driver.feed(input);
  }

  #feedAll(input: Input): void {
    for (const { driver } of this.#shares.values()) driver.feed(input);
  }

  #changed(): void {
    if (this.#pushTimer !== undefined) return;
    const wait = Math.max(0, this.#pushedAt + PUSH_INTERVAL_MS - performance.now());
    this.#pushTimer = setTimeout(() => this.#push(), wait);
  }

  #push(): void {
    this.#pushTimer = undefined;
    this.#pushedAt = performance.now();
    const snapshots = [...this.#shares].map(([infoHash, share]) => snapshotOf(infoHash, share));
    this.#lock.hold(snapshots.some(({ phase }) => phase !== 'stopped' && phase !== 'failed'));
    this.#page.snapshotsTaken(snapshots);
  }
}

function snapshotOf(infoHash: InfoHash, { role, driver, saveDue }: OpenShare): TransferSnapshot {
  const taken = driver.snapshot();
  const whole = taken.manifest !== null && taken.storedBytes === taken.totalBytes;
  const savable = role === 'receiving' && whole && (taken.totalBytes > 0 || taken.phase === 'complete');
  return { ...taken, infoHash, role, savable, saveDue, relayedPeers: driver.relayedPeers };
}
