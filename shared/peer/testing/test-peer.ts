/** Whole peers in one process: ports in memory, one tracker, one network, one clock. */
import { peerId } from '../../ids.ts';
import type { InfoHash, PeerId } from '../../ids.ts';
import type { Report } from '../../engine/io.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { MemoryActivity } from '../activity-store.ts';
import { MemoryLibrary } from '../library.ts';
import { NOTHING_KEPT } from '../nothing-kept.ts';
import { MemorySettings } from '../settings.ts';
import { MemoryStore } from '../memory-store.ts';
import { Peer } from '../peer.ts';
import type { PieceStore } from '../piece-store.ts';
import type { Identity, PeerPorts } from '../ports.ts';
import { MemoryMarks } from '../session-marks.ts';
import type { FileChange, PeerListener, ShareOutcome, ShareRequest, TransferSnapshot } from '../verbs.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryFile, memoryFiles } from './memory-files.ts';
import { MemoryBrowser, memoryIdentity } from './memory-identity.ts';
import { MemoryNetwork } from './memory-network.ts';
import { MemoryTracker } from './memory-tracker.ts';
import { nodeDigest, seededEntropy, nodeWholeDigest } from './node-ports.ts';

/** A peer whose listener writes down what it hears. */
export class TestPeer implements PeerListener {
  /** What it was called at first. */
  readonly id: PeerId;
  readonly store: PieceStore;
  readonly peer: Peer;
  /** The last of each share. */
  readonly snapshots = new Map<InfoHash, TransferSnapshot>();
  /** How many snapshots each telling had. */
  readonly tellings: number[] = [];
  readonly manifests: [InfoHash, Manifest][] = [];
  readonly gone: InfoHash[] = [];
  readonly reports: Report[] = [];
  readonly broken: [InfoHash, unknown][] = [];
  /** [WS20] Files at web addresses and what they became; those that changed meanwhile. */
  readonly became: [InfoHash, InfoHash][] = [];
  readonly changed: [InfoHash, FileChange][] = [];
  busy = false;
  readonly #waiting: (() => void)[] = [];
  readonly #beside: PeerListener | null;

  /** `beside` hears all of it as well. */
  constructor(identity: Identity, ports: PeerPorts, store: PieceStore, beside: PeerListener | null = null) {
    this.#beside = beside;
    this.id = identity.id;
    this.store = store;
    this.peer = new Peer(identity, ports, this);
  }

  of(infoHash: InfoHash): TransferSnapshot {
    const snapshot = this.snapshots.get(infoHash);
    if (snapshot === undefined) throw new Error('nothing was told of that share');
    return snapshot;
  }

  /** Whether the pieces that are stored are these bytes, one behind the other. */
  async holds(infoHash: InfoHash, content: Uint8Array): Promise<boolean> {
    const pieces: Uint8Array[] = [];
    for (const piece of await this.store.ownedPieces(infoHash)) {
      pieces.push((await this.store.piece(infoHash, piece)) ?? new Uint8Array());
    }
    return Buffer.concat(pieces).equals(content);
  }

  /** Settles as soon as what is told of a share makes it so. */
  told(infoHash: InfoHash, isSo: (snapshot: TransferSnapshot) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        const snapshot = this.snapshots.get(infoHash);
        if (snapshot !== undefined && isSo(snapshot)) resolve();
      });
    });
  }

  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void {
    this.tellings.push(snapshots.length);
    for (const snapshot of snapshots) this.snapshots.set(snapshot.infoHash, snapshot);
    for (const look of this.#waiting) look();
    this.#beside?.snapshotsTaken(snapshots);
  }

  manifestKnown(infoHash: InfoHash, manifest: Manifest): void {
    this.manifests.push([infoHash, manifest]);
    this.#beside?.manifestKnown(infoHash, manifest);
  }

  removed(infoHash: InfoHash): void {
    this.gone.push(infoHash);
    this.snapshots.delete(infoHash);
    this.#beside?.removed(infoHash);
  }

  busyChanged(busy: boolean): void {
    this.busy = busy;
    this.#beside?.busyChanged(busy);
  }

  reported(infoHash: InfoHash, event: Report): void {
    this.reports.push(event);
    this.#beside?.reported(infoHash, event);
  }

  becameShare(file: InfoHash, share: InfoHash): void {
    this.became.push([file, share]);
    this.#beside?.becameShare?.(file, share);
  }

  fileChanged(file: InfoHash, change: FileChange): void {
    this.changed.push([file, change]);
    this.#beside?.fileChanged?.(file, change);
  }

  shareBroke(infoHash: InfoHash, error: unknown): void {
    this.broken.push([infoHash, error]);
    this.#beside?.shareBroke(infoHash, error);
  }
}

/** Peers who can reach each other. */
export class PeerLab {
  readonly clock = new FakeClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly tracker = new MemoryTracker(this.clock);
  #peers = 0;

  /** Ids grow in the order of making, unless one is given. `store`: what an earlier one left. `beside`: hears all, too. */
  peer(
    more: Partial<PeerPorts> & { store?: PieceStore; id?: PeerId } = {},
    beside: PeerListener | null = null,
  ): TestPeer {
    const id = more.id ?? this.#nextId();
    const store = more.store ?? new MemoryStore();
    const ports: PeerPorts = {
      clock: this.clock,
      digest: nodeDigest,
      wholeDigest: nodeWholeDigest,
      entropy: seededEntropy(this.#peers),
      files: memoryFiles,
      dialler: this.network.dialler,
      identify: async () => memoryIdentity(this.#nextId()),
      ownTabs: new MemoryBrowser().ownTabs,
      library: new MemoryLibrary(),
      marks: new MemoryMarks(),
      settings: new MemorySettings(),
      activity: new MemoryActivity(),
      kept: NOTHING_KEPT,
      tracker: this.tracker.socket,
      ...more,
      store,
    };
    return new TestPeer(memoryIdentity(id), ports, store, beside);
  }

  #nextId(): PeerId {
    const id = peerId((++this.#peers).toString(16).padStart(2, '0').repeat(32));
    if (id === null) throw new Error('at most 255 peers');
    return id;
  }
}

export function requestOf(
  files: readonly (readonly [path: string, content: Uint8Array<ArrayBuffer> | MemoryFile])[],
  more: Partial<ShareRequest> = {},
): ShareRequest {
  return {
    files: files.map(([path, content]) => ({
      content: content instanceof MemoryFile ? content : new MemoryFile(content),
      path: path.split('/'),
      modified: 0,
    })),
    folders: [],
    name: files[0]?.[0] ?? '',
    comment: '',
    pieceBytes: 16_384,
    salted: true,
    trackerHost: 'localhost',
    trackerPort: '8000',
    ...more,
  };
}

export function infoHashOf(outcome: ShareOutcome): InfoHash {
  if (outcome.kind !== 'shared') throw new Error(outcome.kind);
  return outcome.infoHash;
}

/** Bytes that tell their place, others for each salt; no two pieces are the same. */
export function someBytes(size: number, salt = 0): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size).map((_, at) => (at * 31 + salt * 17 + (at >> 8) + (at >> 16) * 7) & 255);
}
