/** Types only: what a host asks of a peer, and what it is told. */
import type {
  EngineSnapshot,
  PeerSnapshot,
  RangeTrouble,
  Report,
  Trouble,
  WebSwarmSnapshot,
} from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import type { ContentUrl } from '../manifest/manifest.ts';
import type { Manifest } from '../manifest/resource.ts';
import type { SearchResult } from '../tracker/messages.ts';
import type { UrlRefusal } from '../url/normal-form.ts';
import type { ProbeRefused } from '../url/probe.ts';
import type { ResourceFault } from '../manifest/resource-file.ts';
import type { ShareRole } from './library-store.ts';
import type { FileToShare, LinkPath } from './ports.ts';

export type { ShareRole } from './library-store.ts';
export type { FileToShare } from './ports.ts';
export type { SearchResult } from '../tracker/messages.ts';

/** What a new share is made of, but for its files. */
export interface ShareDetails {
  /** Paths of folders in which nothing lies, as the person's system has them. */
  readonly folders: readonly (readonly string[])[];
  readonly name: string;
  readonly comment: string;
  /** Bytes; null: automatic. */
  readonly pieceBytes: number | null;
  /** False only where the same content must give the same info-hash. */
  readonly salted: boolean;
  /** The page's host and port, which stand in the resource as its tracker. */
  readonly trackerHost: string;
  readonly trackerPort: string;
  /** [WS1] Where the files can be had on the web; `file` is an index in `files`. Left out: nowhere. */
  readonly urls?: readonly ContentUrl[];
}

export interface ShareRequest extends ShareDetails {
  readonly files: readonly FileToShare[];
}

export interface HashingProgress {
  readonly hashedBytes: number;
  readonly totalBytes: number;
}

export type ShareOutcome =
  | { kind: 'shared'; infoHash: InfoHash }
  | { kind: 'refused'; why: 'no-files' | 'too-large' | 'too-many-files' | 'manifest-too-large' }
  /** `file`: the name of the file that cannot be read. */
  | { kind: 'unreadable'; file: string }
  /** The person thought better of it. */
  | { kind: 'cancelled' };

/**
 * `other-files`: more or fewer than the share has, or others by name. `changed`: not the bytes that were shared.
 * `gone`: they cannot be read.
 */
export type FilesRefused = 'other-files' | 'changed' | 'gone';

/** What becomes of the share when its files are taken. */
export type ProvideIntent = 'sharing' | 'stopped';

/**
 * Why a share of one's own is without its files ([LB3] [LB5]). `not-kept`: nothing led back to them. `permission-needed`:
 * they are read again as soon as the person allows it.
 */
export type FilesMissing = FilesRefused | 'not-kept' | 'permission-needed';

/** What became of a resource file that was opened ([MF10]): its share is open, or it is none that can be. */
export type ResourceOutcome = { readonly kind: 'opened'; readonly infoHash: InfoHash } | ResourceFault;

/**
 * [WS20] What became of an address that was to be loaded. `no-address`: it is none, or one that is not asked; `not-there`: what the server, or the way to it, said; `no-ranges`: it sends only the whole, or does not
 * say how much that is, and this peer loads no streams; `too-large`: larger than a share may be.
 */
export type FetchOutcome =
  | { kind: 'begun'; infoHash: InfoHash }
  /** [WS40] It was loaded here before, and is this share. */
  | { kind: 'here'; infoHash: InfoHash }
  | { kind: 'no-address'; why: UrlRefusal }
  | { kind: 'not-there'; refusal: ProbeRefused }
  /** [WS36] It cannot be asked from here, and nobody who lends took it. `refusal` null: this peer asks no servers. */
  | { kind: 'nobody-lends'; refusal: ProbeRefused | null }
  | { kind: 'no-ranges' }
  /** [WS25] It came as one stream, and is a share. */
  | { kind: 'streamed'; infoHash: InfoHash }
  /** [WS25] It did not; nothing of it stays. */
  | { kind: 'not-streamed'; why: RangeTrouble | 'no-room' }
  /** [WS26] It came as one stream, and is not the file that the person knows; nothing of it stays. */
  | { kind: 'other-file' }
  | { kind: 'cancelled' }
  | { kind: 'too-large' };

/** What became of files that were given again for a share that was made earlier ([LB3]). */
export type ProvideOutcome = { kind: 'provided' } | { kind: 'refused'; why: FilesRefused | 'unknown-share' };

/** What became of files that are to be shared by a resource file ([LB19]). */
export type SeedOutcome =
  | { kind: 'seeded'; infoHash: InfoHash }
  | { kind: 'refused'; why: FilesRefused | 'unknown-share'; infoHash: InfoHash }
  | { kind: 'no-resource'; fault: ResourceFault };

/** `broken`: a fault of ours; that share stopped and nothing of it is done any more ([WK1]). */
export type ShareTrouble = Trouble | { kind: 'broken' };

/**
 * Whether a share of one's own stands in the directory of public shares ([LB18]): it is not wanted there; wanted, and not
 * there for the moment; there; or wanted and refused. `refused`: for a reason that may pass.
 */
export type ListingState =
  'no' | 'asked' | 'listed' | 'name-not-listable' | 'directory-full' | 'directory-off' | 'refused';

/** `not-own`: whoever made a share says whether it is public. */
export type ListOutcome = 'noted' | 'not-open' | 'not-own';

/** `query`: a part of a name, or an info-hash; empty for everything. `offset`: how many are passed over. */
export interface SearchRequest {
  readonly query: string;
  readonly offset?: number;
  readonly limit?: number;
}

/** `superseded`: too many that were asked later waited as well. `off`: the server keeps no directory. */
export type WhyNoSearch = 'away' | 'silent' | 'too-often' | 'off' | 'refused' | 'superseded';

/** What was found ([PN13]); it may be fewer than were asked for. `total`: how many there are in all. */
export type SearchOutcome =
  | { kind: 'found'; total: number; results: readonly SearchResult[] }
  | { kind: 'not-searched'; why: WhyNoSearch };

/** A peer and the way its bytes go. */
export interface ConnectedPeer extends PeerSnapshot {
  /** `relayed`: a server carries what goes between us, and cannot read it. */
  readonly path: LinkPath;
}

/** [WS20] A file without hashes. */
export interface WebFileSnapshot extends WebSwarmSnapshot {
  /** [WS26] That of the whole file, as the person knows it, in lowercase hex; null: they do not. */
  readonly sha256: string | null;
}

/** A share's figures. What does not change of it, its manifest, is told once and apart. */
export interface TransferSnapshot extends Omit<
  EngineSnapshot,
  'manifest' | 'trouble' | 'peers' | 'pieces' | 'pieceChanges' | 'web'
> {
  readonly infoHash: InfoHash;
  readonly role: ShareRole;
  readonly trouble: ShareTrouble | null;
  /** [WS20] Null: it is a share. */
  readonly web: WebFileSnapshot | null;
  /** One byte a piece: 0 absent, 1 under way, 2 stored. Null: as they were told last. */
  readonly pieces: Uint8Array | null;
  /** [LB3] Of one's own share: why its files are to be given again; null: they are not. */
  readonly filesMissing: FilesMissing | null;
  /** It was written to the person's downloads, now or earlier. */
  readonly saved: boolean;
  /** [EN8] How many others had all of it while they were connected here. */
  readonly delivered: number;
  readonly listed: ListingState;
  /** The bytes are in this peer's store and can be saved (false for one's own files on disk). */
  readonly savable: boolean;
  readonly peers: readonly ConnectedPeer[];
  /** True once, after a download that ran in this peer finished, until `savedByItself` is called. */
  readonly saveDue: boolean;
}

/** Bytes a second of the payload of blocks; null: no limit, 0: nothing at all. */
export interface RateLimits {
  /** Of all shares and all peers together. */
  readonly up: number | null;
  readonly down: number | null;
  /** Of each peer in each share. */
  readonly peerUp: number | null;
  readonly peerDown: number | null;
}

/** `refused`: what was given is none, and nothing changed. */
export type LimitOutcome = 'set' | 'refused';
/** [LB16] `not-forgotten`: the browser does not let it go now; shares that are listed are gone all the same. */
export type ForgetOutcome = 'forgotten' | 'not-forgotten';
/** `not-open`: there is no such share in this peer. */
export type OrderOutcome = 'set' | 'refused' | 'not-open';

/**
 * What became of a choice of files ([LB10]). `no-files`: it names none, or something that is no file of the share.
 * `unknown`: what files there are is not known yet. `own-share`: all of one's own share is here.
 */
export type ChooseOutcome = 'chosen' | 'no-files' | 'unknown' | 'own-share' | 'not-open';

/** One file of a share, in the manifest's order. */
export interface FileRow {
  readonly path: readonly string[];
  readonly size: number;
  /** Bytes that are verified and stored. */
  readonly storedBytes: number;
  readonly wanted: boolean;
}

/** What changes of the rows, in their order: little to copy, so that it can be asked for again and again. */
export interface FileProgress {
  readonly storedBytes: Float64Array<ArrayBuffer>;
  /** One byte a file: 1 wanted, 0 not. */
  readonly wanted: Uint8Array<ArrayBuffer>;
}

/**
 * [WS12] What the server has changed: `begins`: it is loaded from its beginning; `ends`: it comes in no ranges any more.
 * [WS26] `refused`: all of it came from the server, and it is not the one that the person knows.
 */
export type FileChange = 'begins' | 'ends' | 'refused';

export interface PeerListener {
  /** Of the shares that changed, at most five times a second, twice of one where only bytes move ([WK3]). */
  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void;
  /** Once for each share, as soon as it is known. */
  manifestKnown(infoHash: InfoHash, manifest: Manifest): void;
  /** [WS20] The file at a web address that was loaded as `file` is the share `share` from now on; `file` is removed. */
  becameShare?(file: InfoHash, share: InfoHash): void;
  /** The file at its address is another one. What came of it is removed. */
  fileChanged?(file: InfoHash, change: FileChange): void;
  /** The share is not this peer's any more. */
  removed(infoHash: InfoHash): void;
  /** Whether anything is served or waited for: while it is, the host should not sleep ([WK4]). */
  busyChanged(busy: boolean): void;
  reported(infoHash: InfoHash, event: Report): void;
  /** [WK1] A fault of ours stopped this share: what was thrown. The others go on. */
  shareBroke(infoHash: InfoHash, error: unknown): void;
}
