/**
 * What a push of figures costs ([WK3]): 100 shares of 10,000 pieces are open in one peer, each with a seed, and the
 * figures of all of them have changed. The worker takes the snapshots, compares them with what was told before and
 * hands them over; the page reads them and puts them where the views look.
 */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Bitfield } from '../../shared/bitfield.ts';
import { TokenBucket } from '../../shared/engine/meters/token-bucket.ts';
import type { InfoHash, PeerId, SwarmId } from '../../shared/ids.ts';
import { BLOCK_GRID_BYTES } from '../../shared/limits.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { StoreSource } from '../../shared/peer/block-sources.ts';
import { sha256Hex } from '../../shared/peer/digests.ts';
import { MemoryStore } from '../../shared/peer/memory-store.ts';
import type { Clock, Digest, Link, LinkListener } from '../../shared/peer/ports.ts';
import { ShareDriver } from '../../shared/peer/share-driver.ts';
import { Teller } from '../../shared/peer/teller.ts';
import type { OpenShare } from '../../shared/peer/teller.ts';
import { nodeDigest } from '../../shared/peer/testing/node-ports.ts';
import type { PeerListener, TransferSnapshot } from '../../shared/peer/verbs.ts';
import { encodeFrame, encodeHandshake, encodePiece } from '../../shared/protocol/codec.ts';
import { seededRandom } from '../../shared/random.ts';
import { hexId } from '../../shared/sim/share.ts';

const SHARES = 100;
const PIECES = 10_000;
/** Pushes until the code is compiled as it is where a tab is open for a while, and those that are measured. */
const WARM_UP = 100;
const PUSHES = 100;
const OWN = 'f'.repeat(64) as PeerId;
const SEED = '0'.repeat(64) as PeerId;
const LEECHER = '1'.repeat(64) as PeerId;
const PUSH_MS = 200;

/** In how many of the shares a piece comes between two pushes. */
const MOVING = { some: 10, all: SHARES };

export interface PushCost {
  /** ms a push, the median of many. */
  readonly workerMs: number;
  readonly pageMs: number;
}

/** Figures change in all shares; pieces come in a few, as fast as a line carries them, or in every one of them. */
export async function measurePushes(moving: keyof typeof MOVING): Promise<PushCost> {
  const bench = new PushBench(await manifestOf());
  const page = await openPage();
  const { port1, port2 } = new MessageChannel();
  const [worker, reading]: [number[], number[]] = [[], []];
  for (let push = 0; push < WARM_UP + PUSHES; push++) {
    await bench.change(MOVING[moving]);
    const began = performance.now();
    const told = bench.tell((snapshots) => port1.postMessage(snapshots));
    const handed = performance.now();
    const received = receiveMessageOnPort(port2)?.message as readonly TransferSnapshot[];
    page(received);
    const read = performance.now();
    if (told !== SHARES) throw new Error(`${told} of ${SHARES} shares were told of`);
    if (push < WARM_UP) continue;
    worker.push(handed - began);
    reading.push(read - handed);
  }
  port1.close();
  return { workerMs: median(worker), pageMs: median(reading) };
}

/** A link whose other end answers a request when it is told to. */
class BenchLink implements Link {
  readonly path = 'direct';
  readonly asked: { readonly piece: number; readonly offset: number; readonly length: number }[] = [];
  #listener: LinkListener | null = null;

  listen(listener: LinkListener): void {
    this.#listener = listener;
  }

  says(bytes: Uint8Array): void {
    this.#listener?.received(bytes);
  }

  answerOne(content: Uint8Array): void {
    const { piece, offset, length } = this.asked.shift() ?? { piece: 0, offset: 0, length: 0 };
    if (length > 0) this.says(encodePiece(piece, offset, content.subarray(0, length)));
  }

  /** Frames of requests have 17 bytes: length 13, type 1, and three numbers. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let at = 0; at + 17 <= bytes.length && bytes[at] === 0; at += 4 + view.getUint32(at)) {
      if (view.getUint8(at + 4) !== 1) continue;
      const [piece, offset, length] = [5, 9, 13].map((place) => view.getUint32(at + place));
      this.asked.push({ piece: piece ?? 0, offset: offset ?? 0, length: length ?? 0 });
    }
  }

  close(): void {}
}

class PushBench {
  readonly #shares = new Map<InfoHash, OpenShare>();
  readonly #links: BenchLink[] = [];
  /** In each share a peer that tells of one piece after another. */
  readonly #leechers: BenchLink[] = [];
  #said = 0;
  readonly #teller: Teller;
  readonly #content = new Uint8Array(BLOCK_GRID_BYTES);
  #now = 0;
  #push: () => void = () => undefined;
  #told: (snapshots: readonly TransferSnapshot[]) => void = () => undefined;

  constructor(manifest: Manifest) {
    const clock: Clock = {
      now: () => this.#now,
      today: () => 0,
      after: (_, task) => {
        this.#push = task;
        return () => undefined;
      },
    };
    this.#teller = new Teller(clock, this.#shares, this.#listener());
    const random = seededRandom(1);
    for (let nth = 0; nth < SHARES; nth++) this.#open(hexId(random) as InfoHash, manifest);
    this.#push();
  }

  /** In so many of the shares a piece comes and is stored; in every one time goes by and a peer says what it has. */
  async change(moving: number): Promise<void> {
    this.#now += PUSH_MS;
    for (const link of this.#links.slice(0, moving)) link.answerOne(this.#content);
    const said = encodeFrame({ kind: 'have', pieces: [this.#said++] });
    for (const link of this.#leechers) link.says(said);
    await new Promise((resolve) => setImmediate(resolve));
    for (const { driver } of this.#shares.values()) driver.feed({ kind: 'time-passed' });
  }

  /** How many shares were told of. */
  tell(handOver: (snapshots: readonly TransferSnapshot[]) => void): number {
    let count = 0;
    this.#told = (snapshots) => {
      count = snapshots.length;
      handOver(snapshots);
    };
    this.#push();
    return count;
  }

  #open(infoHash: InfoHash, manifest: Manifest): void {
    const store = new MemoryStore();
    const digest: Digest = nodeDigest;
    const limits = { up: new TokenBucket(), down: new TokenBucket() };
    const random = seededRandom(2);
    const config = { own: OWN, infoHash, manifest, owned: [], random, limits };
    const ignored = (): void => undefined;
    const driver = new ShareDriver(config, new StoreSource(infoHash, { store, digest }), {
      clock: { now: () => this.#now, today: () => 0, after: () => ignored },
      digest,
      store,
      dial: ignored,
      giveUp: ignored,
      care: { moved: ignored, stored: ignored, makesRoom: async () => false },
      announce: ignored,
      changed: () => this.#teller.changed(share),
      reported: ignored,
      sent: ignored,
      broke: (error) => {
        throw error;
      },
      swarmChanged: ignored,
    });
    const share: OpenShare = {
      infoHash,
      role: 'receiving',
      swarm: infoHash as string as SwarmId,
      driver,
      saveDue: false,
      saveOutdated: false,
      filesMissing: null,
      sha256: null,
      cameFrom: null,
      saved: false,
      delivered: 0,
      listed: 'no',
    };
    this.#shares.set(infoHash, share);
    driver.feed({ kind: 'download-requested' });
    const all = Array.from({ length: PIECES }, (_, piece) => piece);
    this.#links.push(linkOf(driver, SEED, all));
    this.#leechers.push(linkOf(driver, LEECHER, []));
  }

  #listener(): PeerListener {
    const ignored = (): void => undefined;
    return {
      snapshotsTaken: (snapshots) => this.#told(snapshots),
      manifestKnown: ignored,
      removed: ignored,
      busyChanged: ignored,
      reported: ignored,
      shareBroke: ignored,
    };
  }
}

function linkOf(driver: ShareDriver, peer: PeerId, pieces: readonly number[]): BenchLink {
  const link = new BenchLink();
  driver.linkOpened(peer, 'acceptor', link);
  link.says(encodeHandshake(peer, driver.infoHash));
  link.says(encodeFrame({ kind: 'capability' }));
  link.says(encodeFrame({ kind: 'bitfield', bits: Bitfield.of(PIECES, pieces).toBytes() }));
  return link;
}

/** Pieces of one block each, all of them zeros: a real digest is the right one. */
async function manifestOf(): Promise<Manifest> {
  const sha256 = await sha256Hex(nodeDigest, new Uint8Array(BLOCK_GRID_BYTES));
  const totalBytes = PIECES * BLOCK_GRID_BYTES;
  return {
    trackerIp: 'bench.invalid',
    trackerPort: '0',
    comment: '',
    creationDate: '2026-01-01T00:00:00',
    name: 'zeros',
    pieces: Array.from({ length: PIECES }, () => ({ sha256, size: BLOCK_GRID_BYTES })),
    files: [{ path: ['zeros'], size: totalBytes }],
    folders: [],
    urls: [],
    totalBytes,
    shoal: null,
  };
}

/** The page's state without Svelte's compiler: a rune that marks what views depend on is the plain value here. */
async function openPage(): Promise<(snapshots: readonly TransferSnapshot[]) => void> {
  const rune = <T>(value: T): T => value;
  Object.assign(globalThis, { $state: Object.assign(rune, { raw: rune }) });
  const { Transfers } = await import('../../web/state/transfers.svelte.ts');
  let taken: (snapshots: readonly TransferSnapshot[]) => void = () => undefined;
  const transfers = new Transfers({
    openSession: (page) => {
      taken = (snapshots) => page.snapshotsTaken(snapshots);
      return new Promise(() => undefined);
    },
    save: async () => ({ kind: 'started' }),
    coming: { askedFor: () => undefined, taken: () => undefined, removed: () => undefined },
    askToKeep: () => undefined,
    urlSources: async () => null,
    place: { host: '', port: '', route: { page: 'home' }, go: () => undefined, replace: () => undefined },
  });
  void transfers.start();
  return (snapshots) => taken(snapshots);
}

function median(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[times.length >> 1] ?? 0;
}
