/**
 * Types only: what the page and the worker say to each other. Control goes through Comlink; the bytes of each
 * peer go through a MessagePort of their own (`PortMessage`), never through these calls.
 */
import type { Remote } from 'comlink';
import type { EngineSnapshot } from '../../shared/engine/io.ts';
import type { InfoHash, PeerId, SwarmId } from '../../shared/ids.ts';
import type { LinkRole, PieceOrder } from '../../shared/engine/io.ts';

export interface ChosenFile {
  readonly file: File;
  /** Folder names and the file's name as the person's system has them; made safe by the worker. */
  readonly path: readonly string[];
}

export interface ShareRequest {
  readonly files: readonly ChosenFile[];
  /** Paths of folders in which nothing lies, as the person's system has them. */
  readonly folders: readonly (readonly string[])[];
  /** Made safe by the worker. */
  readonly name: string;
  readonly comment: string;
  /** Bytes; null: automatic. */
  readonly pieceBytes: number | null;
  /** False only where the same content must give the same info-hash: then no date is told. */
  readonly salted: boolean;
  /** The page's host and port, which stand in the resource as its tracker. */
  readonly trackerHost: string;
  readonly trackerPort: string;
}

export interface HashingProgress {
  readonly hashedBytes: number;
  readonly totalBytes: number;
}

export type ShareOutcome =
  | { kind: 'shared'; infoHash: InfoHash }
  | { kind: 'refused'; why: 'no-files' | 'too-large' | 'too-many-files' | 'manifest-too-large' }
  | { kind: 'unreadable'; file: string };

/** What this tab does for a share. */
export type ShareRole = 'sharing' | 'receiving';

export interface TransferSnapshot extends EngineSnapshot {
  readonly infoHash: InfoHash;
  readonly role: ShareRole;
  /** The bytes are in this browser's storage and can be saved (false for one's own files on disk). */
  readonly savable: boolean;
  /** Connections that go through a relay. */
  readonly relayedPeers: number;
  /** True once, after a download that ran in this tab finished, until `savedByItself` is called. */
  readonly saveDue: boolean;
}

/** Bytes a second of the payload of blocks; null: no limit, 0: nothing at all. */
export interface RateLimits {
  /** Of all shares and all peers of this tab together. */
  readonly up: number | null;
  readonly down: number | null;
  /** Of each peer in each share. */
  readonly peerUp: number | null;
  readonly peerDown: number | null;
}

/** `refused`: what was given is none, and nothing changed. */
export type LimitOutcome = 'set' | 'refused';
/** `not-open`: there is no such share in this tab. */
export type OrderOutcome = 'set' | 'refused' | 'not-open';

export interface WorkerApi {
  /** First call: who we are, where the tracker is, and where to push what happens. */
  start(page: Remote<PageApi> | PageApi, options: StartOptions): Promise<void>;
  share(request: ShareRequest, progress: (progress: HashingProgress) => void): Promise<ShareOutcome>;
  /** Joins the swarm of a link, with whatever is stored already. Harmless when it is open. */
  open(infoHash: InfoHash): Promise<void>;
  download(infoHash: InfoHash): Promise<void>;
  pause(infoHash: InfoHash): Promise<void>;
  /** Leaves the swarm; what is stored stays. `open` or `download` starts again. */
  stop(infoHash: InfoHash): Promise<void>;
  /** Holds from the next block on, also for shares that are opened later, until the next call or the tab's end. */
  limit(limits: RateLimits): Promise<LimitOutcome>;
  /** In which order the pieces of an open share are fetched, until the next call. Asks for no download by itself. */
  order(infoHash: InfoHash, order: PieceOrder): Promise<OrderOutcome>;
  savedByItself(infoHash: InfoHash): Promise<void>;
  /** The pieces of one file of a share as Blob parts: the way to disk where there is no service worker. */
  blobOf(infoHash: InfoHash, file: number): Promise<Blob | null>;
  linkOpened(link: OpenedLink, port: MessagePort): Promise<void>;
  dialFailed(swarm: SwarmId, peer: PeerId): Promise<void>;
  sendSignal(swarm: SwarmId, to: PeerId, payload: string): Promise<void>;
}

/** How the bytes of a connection travel: straight, or through a relay server that sees only ciphertext. */
export type LinkPath = 'direct' | 'relayed';

export interface OpenedLink {
  readonly swarm: SwarmId;
  readonly peer: PeerId;
  readonly role: LinkRole;
  readonly path: LinkPath;
}

export interface StartOptions {
  readonly trackerUrl: string;
  /** 32 hex digits kept per browser; the worker adds 32 of its own per tab. */
  readonly browserPart: string;
  /** Of the page: the worker's own script stands elsewhere. */
  readonly basePath: string;
}

export interface PageApi {
  /** The state of every share, at most five times a second and only when something changed. */
  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void;
  dial(swarm: SwarmId, peer: PeerId): void;
  /** `to`: our own id, which is the worker's. */
  signalReceived(to: PeerId, swarm: SwarmId, from: PeerId, payload: string): void;
  /** The tracker does not know that peer (any more): what was signalled to it is lost. */
  peerUnreachable(swarm: SwarmId, peer: PeerId): void;
  /** The worker broke: what it threw, to show and to stop on. */
  workerBroke(what: string): void;
}

/**
 * On a peer's port. Page to worker: the peer's bytes as they come, `{sent}` when that many bytes of ours have
 * been given to the network, `'closed'`. Worker to page: bytes to send in order, `'close'`.
 */
export type FromPage = ArrayBuffer | { sent: number } | 'closed';
export type ToPage = ArrayBuffer | 'close';
