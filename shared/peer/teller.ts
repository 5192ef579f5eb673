/**
 * Tells the host what changed ([WK3]): figures of the shares that changed, at most five times a second, twice where
 * nothing but bytes move, and only where they are others than before; each manifest once; and whether the peer has
 * anything to do. Owns what was told. Takes snapshots; decides nothing about shares.
 */
import type { InfoHash, SwarmId } from '../ids.ts';
import type { WebOrigin } from './library-store.ts';
import { FIGURES_INTERVAL_MS, TELL_INTERVAL_MS } from './limits.ts';
import type { Clock } from './ports.ts';
import type { DriverSnapshot, ShareDriver } from './share-driver.ts';
import type { FilesMissing, ListingState, PeerListener, ShareRole, TransferSnapshot } from './verbs.ts';

export interface OpenShare {
  readonly infoHash: InfoHash;
  readonly role: ShareRole;
  /** Derived once, when the share was opened. */
  readonly swarm: SwarmId;
  readonly driver: ShareDriver;
  /** A download that ran here is complete and was not saved yet. */
  saveDue: boolean;
  /** [LB3] Why the files of one's own share are to be given again; null: they are not. */
  readonly filesMissing: FilesMissing | null;
  /** [WS26] What a file without hashes must be as a whole; null: nobody said so, or it is a share. */
  sha256: string | null;
  /** [WS27] Where it came from as a file without hashes; null: it came as a share, or is one's own. */
  readonly cameFrom: WebOrigin | null;
  saved: boolean;
  /** [LB10] More is wanted than a save that runs has. */
  saveOutdated: boolean;
  /** [EN8] */
  delivered: number;
  /** [LB18] */
  listed: ListingState;
}

type Figure = Exclude<keyof TransferSnapshot, 'infoHash' | 'role' | 'pieces'>;

/** What may change of a share, but for its pieces. A record, so that none can be forgotten. */
const FIGURES: Readonly<Record<Figure, true>> = {
  phase: true,
  trouble: true,
  manifestRefused: true,
  totalBytes: true,
  wanted: true,
  unreadable: true,
  lacking: true,
  receivedBytes: true,
  storedBytes: true,
  foundBytes: true,
  down: true,
  up: true,
  uploadedBytes: true,
  eta: true,
  online: true,
  senders: true,
  trackerOnline: true,
  trackerRefuses: true,
  peers: true,
  webSeeds: true,
  web: true,
  receivedFrom: true,
  stalled: true,
  savable: true,
  filesMissing: true,
  saved: true,
  delivered: true,
  listed: true,
  saveDue: true,
};
const FIGURE_NAMES = Object.keys(FIGURES) as Figure[];

/** What moves with every block, or follows from it. Everything else happens, and a person waits for it. */
const MOVING: ReadonlySet<Figure> = new Set<Figure>([
  'receivedBytes',
  'storedBytes',
  'foundBytes',
  'wanted',
  'down',
  'up',
  'uploadedBytes',
  'eta',
  'peers',
  'receivedFrom',
]);
const HAPPENING = FIGURE_NAMES.filter((name) => !MOVING.has(name));

interface Told {
  readonly snapshot: TransferSnapshot;
  readonly pieceChanges: number;
  readonly manifest: boolean;
  /** ms, by the peer's clock. */
  readonly at: number;
}

export class Teller {
  readonly #clock: Clock;
  readonly #shares: ReadonlyMap<InfoHash, OpenShare>;
  readonly #listener: PeerListener;
  readonly #changed = new Set<OpenShare>();
  readonly #told = new Map<InfoHash, Told>();
  #cancelTelling: (() => void) | null = null;
  #toldAt = -Infinity;
  #busy = false;

  constructor(clock: Clock, shares: ReadonlyMap<InfoHash, OpenShare>, listener: PeerListener) {
    this.#clock = clock;
    this.#shares = shares;
    this.#listener = listener;
  }

  changed(share: OpenShare): void {
    this.#changed.add(share);
    this.#plan();
  }

  /** Another machine goes on with it: all of it is told anew. */
  replaced(infoHash: InfoHash): void {
    this.#told.delete(infoHash);
  }

  removed(infoHash: InfoHash): void {
    this.#told.delete(infoHash);
    this.#listener.removed(infoHash);
    this.#plan();
  }

  /** What changed, without waiting: it is the last that is told of something. */
  tell(): void {
    this.#cancelTelling?.();
    this.#tell();
  }

  close(): void {
    this.#cancelTelling?.();
    this.#tellBusy(false);
  }

  #plan(): void {
    if (this.#cancelTelling !== null) return;
    const wait = Math.max(0, this.#toldAt + TELL_INTERVAL_MS - this.#clock.now());
    this.#cancelTelling = this.#clock.after(wait, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTelling = null;
    this.#toldAt = this.#clock.now();
    const changed = [...this.#changed];
    this.#changed.clear();
    const snapshots: TransferSnapshot[] = [];
    for (const share of changed) {
      // It may have been removed since.
      if (this.#shares.get(share.infoHash) === share) this.#tellOne(share, snapshots);
    }
    if (snapshots.length > 0) this.#listener.snapshotsTaken(snapshots);
    let busy = false;
    for (const { snapshot } of this.#told.values()) busy ||= isBusy(snapshot);
    this.#tellBusy(busy);
  }

  #tellOne(share: OpenShare, snapshots: TransferSnapshot[]): void {
    const { infoHash, driver } = share;
    const taken = driver.snapshot();
    const { manifest, pieces, pieceChanges } = taken.engine;
    const told = this.#told.get(infoHash);
    if (manifest !== null && told?.manifest !== true) this.#listener.manifestKnown(infoHash, manifest);
    // Ten thousand of them are most of a snapshot.
    const snapshot = snapshotOf(share, taken, told?.pieceChanges === pieceChanges ? null : pieces);
    const at = this.#toldAt;
    const isKnown = manifest !== null;
    if (told !== undefined && at < told.at + FIGURES_INTERVAL_MS) {
      if (told.manifest === isKnown && !hasHappened(told.snapshot, snapshot)) return this.changed(share);
    }
    const isNews = told === undefined || isOther(told.snapshot, snapshot);
    this.#told.set(infoHash, {
      snapshot,
      pieceChanges,
      manifest: isKnown,
      at: isNews ? at : told.at,
    });
    if (isNews) snapshots.push(snapshot);
  }

  #tellBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#listener.busyChanged(busy);
  }
}

function isBusy({ phase }: TransferSnapshot): boolean {
  return phase !== 'stopped' && phase !== 'failed';
}

/** Key by key: a hundred of them are made five times a second, and a spread takes ten times as long. */
function snapshotOf(
  { infoHash, role, saveDue, filesMissing, saved, delivered, listed, sha256 }: OpenShare,
  { engine, paths, broken }: DriverSnapshot,
  pieces: Uint8Array | null,
): TransferSnapshot {
  const { phase, totalBytes, storedBytes, wanted } = engine;
  const [here, toSave] = [wanted?.storedBytes ?? storedBytes, wanted?.bytes ?? totalBytes];
  const whole = engine.manifest !== null && here === toSave;
  return {
    infoHash,
    role,
    phase,
    trouble: broken ? { kind: 'broken' } : engine.trouble,
    manifestRefused: engine.manifestRefused,
    totalBytes,
    wanted,
    unreadable: engine.unreadable,
    lacking: engine.lacking,
    receivedBytes: engine.receivedBytes,
    storedBytes,
    foundBytes: engine.foundBytes,
    pieces,
    down: engine.down,
    up: engine.up,
    uploadedBytes: engine.uploadedBytes,
    eta: engine.eta,
    online: engine.online,
    senders: engine.senders,
    trackerOnline: engine.trackerOnline,
    trackerRefuses: engine.trackerRefuses,
    peers: engine.peers.map((peer) => ({ ...peer, path: paths.get(peer.id) ?? 'direct' })),
    webSeeds: engine.webSeeds,
    web: engine.web === null ? null : { ...engine.web, sha256 },
    receivedFrom: engine.receivedFrom,
    stalled: engine.stalled,
    // Of an empty share, or empty files, nothing is ever missing: there only the phase tells whether it was fetched.
    savable: role === 'receiving' && whole && (toSave > 0 || phase === 'complete'),
    saveDue,
    filesMissing,
    saved,
    delivered,
    listed,
  };
}

/** Would a person see any difference? */
function isOther(before: TransferSnapshot, now: TransferSnapshot): boolean {
  if (now.pieces !== null) return true;
  for (const key of FIGURE_NAMES) if (!isEqual(before[key], now[key])) return true;
  return false;
}

/** Anything but that more bytes have moved? The first of them are news, too. */
function hasHappened(before: TransferSnapshot, now: TransferSnapshot): boolean {
  if (HAPPENING.some((name) => !isEqual(before[name], now[name]))) return true;
  const begins = (count: (snapshot: TransferSnapshot) => number): boolean =>
    count(before) === 0 && count(now) > 0;
  return (
    begins(({ receivedBytes }) => receivedBytes) ||
    begins(({ uploadedBytes }) => uploadedBytes) ||
    before.peers.length !== now.peers.length ||
    before.wanted?.bytes !== now.wanted?.bytes
  );
}

function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => isEqual(Reflect.get(one, key), Reflect.get(other, key)))
  );
}
