/**
 * One peer of a simulation: a real machine and the driver around it ([SM3]). Performs every order in virtual time,
 * as the worker does in real time, and misbehaves where its character says so: always between the machine and the
 * network, never inside. Every input and output passes the watch (invariants.ts).
 */
import { assert, unreachable } from '../assert.ts';
import { Engine } from '../engine/engine.ts';
import type { CloseReason, Input, KnownPeer, Output, Report } from '../engine/io.ts';
import type { LinkId, PeerId } from '../ids.ts';
import { FRAME_TYPES } from '../protocol/frames.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { Random } from '../random.ts';
import type { EventQueue, Happening } from './event-queue.ts';
import { Watch } from './invariants.ts';
import { Port } from './network.ts';
import type { Network } from './network.ts';
import { OriginLine } from './origin.ts';
import type { Endpoint, Parcel } from './traffic.ts';
import type { SyntheticShare } from './share.ts';
import type { PeersAnswer, SimTracker, Subscriber } from './tracker.ts';
import { report } from './uplink.ts';

/** Modelled times, from the figures that were measured in a browser: bytes per ms, and what a batch costs. */
const HASHED_BYTES_PER_MS = 1e6;
const STORED_BYTES_PER_MS = 2.7e5;
const STORE_BATCH_MS = 4;
const MANIFEST_HASH_MS = 2;
/** Small frames that left are told of this often, in ms, unless a block leaves on their link. */
const REPORT_EVERY_MS = 5_000;
/** What a timer sleeps at least. */
const LEAST_SLEEP_MS = 1;

/** The parts of a simulation that all its peers share. */
export interface World {
  readonly queue: EventQueue;
  readonly network: Network;
  readonly tracker: SimTracker;
  readonly share: SyntheticShare;
  peerById(id: PeerId): SimPeer | undefined;
  /** A piece was stored, or the share is complete: somebody may want to leave, or the run may be over. */
  progressed(peer: SimPeer, completed: boolean): void;
}

export interface PeerOptions {
  /** 0 is the seed. */
  readonly number: number;
  readonly id: PeerId;
  readonly seed: boolean;
  readonly manifestKnown: boolean;
  /** Bytes per ms. */
  readonly upRate: number;
  readonly downRate: number;
  readonly random: Random;
  /** The share of the blocks it sends that are wrong. */
  readonly wrongBlocks: number;
  readonly boasts: boolean;
  readonly mute: boolean;
  /** Those that it wants. */
  readonly files: ChosenFiles;
  /** Bytes per ms that a server on the web gives it; 0: there is none. */
  readonly originRate: number;
}

export class SimPeer implements Endpoint, Subscriber, Happening {
  readonly id: PeerId;
  readonly number: number;
  readonly name: string;
  readonly port: Port;
  readonly engine: Engine;
  readonly watch: Watch;
  /** Null: there is no server on the web. */
  readonly origin: OriginLine | null;
  /** Virtual ms; null: not yet. */
  completedAt: number | null = null;
  online = false;
  /** How many others dropped it for what it sent. */
  accusers = 0;
  readonly #world: World;
  readonly #options: PeerOptions;
  #wakeAt = Infinity;
  #reportedAt = 0;

  constructor(world: World, options: PeerOptions) {
    const { share, queue } = world;
    const { originRate } = options;
    this.#world = world;
    this.#options = options;
    this.id = options.id;
    this.number = options.number;
    this.name = options.seed ? 'seed' : `leecher ${options.number}`;
    this.port = new Port(queue, options.upRate, options.downRate, this);
    this.engine = new Engine({
      own: options.id,
      infoHash: share.infoHash,
      manifest:
        originRate > 0 ? share.unhashed : options.seed || options.manifestKnown ? share.manifest : null,
      ...(originRate > 0
        ? { web: { facts: { size: share.totalBytes, etag: null, lastModified: null } } }
        : {}),
      owned: options.seed ? 'all' : [],
      files: options.files,
      random: options.random,
      allocate: share.allocate,
    });
    this.watch = new Watch(share, this.name, { ...options, web: originRate > 0 });
    this.origin =
      originRate > 0
        ? new OriginLine(queue, originRate, world.network.latency, (input) => this.feed(input))
        : null;
    if (options.seed) this.completedAt = 0;
  }

  get isHonest(): boolean {
    return this.#options.wrongBlocks === 0 && !this.#options.boasts;
  }

  start(): void {
    this.online = true;
    this.feed({ kind: 'tracker-opened' });
    if (this.origin !== null) this.feed({ kind: 'web-seeds-allowed', allowed: true });
    if (!this.#options.seed) this.feed({ kind: 'download-requested' });
  }

  /** The tab is closed: nobody is told but by the tracker. */
  vanish(): void {
    this.online = false;
    this.#world.network.vanish(this.port);
    this.#world.tracker.disconnected(this.id);
  }

  feed(input: Input): void {
    if (!this.online) return;
    const { now } = this.#world.queue;
    this.watch.before(input);
    const outputs = this.engine.handle(input, now);
    for (const output of outputs) {
      this.watch.ordered(output, now);
      this.#perform(output);
    }
    this.watch.after(this.port.links.size);
    const due = this.engine.nextWakeup();
    if (due !== null && due < this.#wakeAt) this.#wake(due);
  }

  // What the world says

  arrived(link: LinkId, parcel: Parcel): void {
    const { block } = parcel;
    const bytes = block === null ? parcel.bytes : this.#world.share.frameOf(block);
    if (bytes !== null) this.feed({ kind: 'bytes-received', link, bytes });
  }

  departed(link: LinkId, bytes: number): void {
    this.feed({ kind: 'bytes-sent', link, bytes });
  }

  lost(link: LinkId): void {
    this.feed({ kind: 'link-closed', link });
  }

  announced(answer: PeersAnswer): void {
    this.feed({ kind: 'peers-announced', ...answer });
  }

  joined(peer: KnownPeer): void {
    this.feed({ kind: 'peer-joined', peer });
  }

  left(peer: PeerId): void {
    this.feed({ kind: 'peer-left', peer });
  }

  /** Time to look whether anything is late. */
  happen(now: number): void {
    if (now >= this.#wakeAt) this.#wakeAt = Infinity;
    if (!this.online) return;
    if (now >= this.#reportedAt + REPORT_EVERY_MS) {
      this.#reportedAt = now;
      for (const flow of [...this.port.links.values()]) report(flow);
    }
    const due = this.engine.nextWakeup();
    if (due === null || due >= this.#wakeAt) return;
    if (due <= now) this.feed({ kind: 'time-passed' });
    else this.#wake(due);
  }

  #wake(due: number): void {
    this.#wakeAt = Math.max(due, this.#world.queue.now + LEAST_SLEEP_MS);
    this.#world.queue.at(this.#wakeAt, this);
  }

  // What the machine orders

  #perform(output: Output): void {
    const { network, tracker, share, queue } = this.#world;
    switch (output.kind) {
      case 'send':
        return network.send(this.port, output.link, this.#asSaid(output.bytes));
      case 'serve-block':
        return this.#serve(output);
      case 'close-link':
        return network.close(this.port, output.link);
      case 'dial':
        return this.#dial(output.peer);
      case 'give-up-dial':
        return; // of those that answer none is given up, and who does not answer does not open
      case 'announce':
        return tracker.announce(this, output);
      case 'hash-manifest': {
        const { link, preimage, shoalText } = output;
        const infoHash = share.hashOfManifest(preimage);
        const shoalDigest = shoalText === null ? null : share.shoalDigest;
        return queue.after(MANIFEST_HASH_MS, () =>
          this.feed({ kind: 'manifest-hashed', link, infoHash, shoalDigest }),
        );
      }
      case 'hash-piece': {
        const { piece, bytes } = output;
        return queue.after(bytes.length / HASHED_BYTES_PER_MS, () =>
          this.feed({ kind: 'piece-hashed', piece, sha256: share.hashOf(piece, bytes) }),
        );
      }
      case 'read-ahead':
        return; // reading takes no time here
      case 'look-up-pieces':
      case 'adopt-pieces':
        return; // there is no other share
      case 'store-piece':
        return this.#store(output.piece, output.bytes);
      case 'fetch-range':
        return this.origin?.asked(output);
      case 'abort-range':
        return this.origin?.givenUp(output.range);
      case 'report':
        return this.#note(output.event);
      case 'keep-manifest':
        return;
      default:
        return unreachable(output);
    }
  }

  #serve(output: Output & { kind: 'serve-block' }): void {
    const { random, wrongBlocks, mute } = this.#options;
    if (mute) return;
    const { link, piece, offset, length } = output;
    const corrupt = wrongBlocks > 0 && random.fraction() < wrongBlocks;
    this.#world.network.send(this.port, link, { piece, offset, length, corrupt });
  }

  #dial(peer: PeerId): void {
    const { network, queue } = this.#world;
    const other = this.#world.peerById(peer);
    const failed = (): void => this.feed({ kind: 'dial-failed', peer });
    if (other === undefined) return queue.after(0, failed);
    network.dial(this.port, other.port, {
      answered: () => this.feed({ kind: 'dial-answered', peer }),
      failed,
      opened: (here, there) => {
        this.feed({ kind: 'link-opened', link: here, role: 'dialler', expected: peer });
        other.feed({ kind: 'link-opened', link: there, role: 'acceptor', expected: this.id });
      },
    });
  }

  #store(piece: number, bytes: Uint8Array<ArrayBuffer>): void {
    const { queue, share } = this.#world;
    queue.after(STORE_BATCH_MS + bytes.length / STORED_BYTES_PER_MS, () => {
      this.feed({ kind: 'piece-stored', piece });
      share.recycle(bytes);
      if (this.online) this.#world.progressed(this, false);
    });
  }

  #note(event: Report): void {
    if (event.kind === 'peer-dropped') return this.#noteDropped(event.peer, event.why);
    if (event.kind !== 'completed') return;
    this.completedAt = this.#world.queue.now;
    this.#world.progressed(this, true);
  }

  /** Who keeps to the protocol is never accused of breaking it. */
  #noteDropped(peer: PeerId | null, why: CloseReason): void {
    if (why.kind !== 'violation' || peer === null) return;
    const { what, detail } = why.violation;
    const accused = this.#world.peerById(peer);
    assert(
      accused?.isHonest !== true,
      `${this.name}: ${accused?.name ?? peer} is accused of ${what}: ${detail}`,
    );
    if (accused !== undefined) accused.accusers++;
  }

  /** A boaster claims every piece in its bitfields. */
  #asSaid(bytes: Uint8Array): Uint8Array {
    if (!this.#options.boasts || bytes[4] !== FRAME_TYPES.bitfield || bytes[0] !== 0) return bytes;
    const boast = bytes.slice();
    boast.set(this.#world.share.everything(), 5);
    return boast;
  }
}
