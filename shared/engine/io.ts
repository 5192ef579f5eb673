/**
 * The only door of the machine: facts go in (past tense), orders come out (imperative). One machine serves one
 * share. It knows no clock, no network, no storage and no browser: a driver performs the orders and feeds back
 * what came of them. Time is milliseconds on any clock that never goes back; bytes are bytes.
 */
import type { InfoHash, LinkId, PeerId } from '../ids.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { Path } from '../manifest/path-tree.ts';
import type { Manifest } from '../manifest/resource.ts';
import type { Violation } from '../protocol/frames.ts';
import type { JobAnswer, WebFound, WebJob } from '../protocol/web-texts.ts';

/** Why a piece could not be stored, as far as a person can act on it. */
export type StoreTrouble = 'quota' | 'unavailable';
/** Why a block of an owned piece could not be read. `missing`: our copy of the piece is gone, the rest is fine. */
export type ReadTrouble = 'changed' | 'vanished' | 'missing';
/** Why a shared file could not be read. */
export type FileTrouble = Exclude<ReadTrouble, 'missing'>;
/**
 * [WS3] Why a range of an address did not come. `no-ranges`: the server sends only the whole; `other-size`: the file there is
 * another one; `changed`: it is another one than when it was first asked about ([WS12]); `cut-short`: the answer ended too
 * soon; `silent`: it did not come for too long; `unreachable`: no connection, or the browser does not let the page read it,
 * which looks the same; `forbidden-address`: one that nobody's share may have contacted; `other-content`: bytes that are not
 * the share's.
 */
export type RangeTrouble =
  | 'no-ranges'
  | 'other-size'
  | 'changed'
  | 'refused'
  | 'needs-login'
  | 'busy'
  | 'unreachable'
  | 'forbidden-address'
  | 'too-many-redirects'
  | 'cut-short'
  | 'silent'
  | 'other-content';
/** Which end of a connection we are: the dialler speaks first ([HS3]). */
export type LinkRole = 'dialler' | 'acceptor';

/** Pieces from `from` on, `to` not among them. */
export interface PieceRange {
  readonly from: number;
  readonly to: number;
}

/**
 * In which order pieces are begun ([PK2] [PK3]): those of the ranges `first`, range by range and ascending, then the
 * others as `kind` says. What lies outside the share, or in an earlier range, says nothing.
 */
export interface PieceOrder {
  readonly kind: 'rarest' | 'sequential';
  readonly first?: readonly PieceRange[];
}

export type Input =
  /** `greeted`: the handshakes were made elsewhere, and `expected` is what the peer is called here ([HL51]). */
  | { kind: 'link-opened'; link: LinkId; role: LinkRole; expected: PeerId | null; greeted?: boolean }
  /** Bytes of the peer's stream, or of that of a further connection ([PN14]), cut anywhere. The machine may keep views of them until `handle` returns. */
  | { kind: 'bytes-received'; link: LinkId; bytes: Uint8Array; subflow?: number }
  /** A frame of it that has not come whole never will. `lost`: nor may others that were on their way. */
  | { kind: 'subflow-ended'; link: LinkId; subflow: number; lost: boolean }
  /** That many of the bytes we ordered sent have left for the network: the send window opens again. */
  | { kind: 'bytes-sent'; link: LinkId; bytes: number }
  | { kind: 'link-closed'; link: LinkId }
  /** It is closed because the peer sent more messages than it may ([PN8]). */
  | { kind: 'link-flooded'; link: LinkId }
  /** The peer that is dialled said something; whether it comes to a link is open. */
  | { kind: 'dial-answered'; peer: PeerId }
  | { kind: 'dial-failed'; peer: PeerId }
  | { kind: 'manifest-hashed'; link: LinkId; infoHash: string; shoalDigest: string | null }
  | { kind: 'piece-hashed'; piece: number; sha256: string }
  | { kind: 'piece-stored'; piece: number }
  /** [LB7] Of the pieces that were looked up: whose content is stored, and whose is not. */
  | { kind: 'pieces-looked-up'; found: readonly number[]; absent: readonly number[] }
  /** [LB7] Those of the pieces asked for that are stored now, as pieces of this share; the others are not here after all. */
  | { kind: 'pieces-adopted'; asked: readonly number[]; adopted: readonly number[] }
  /** [UI17] Their content is here, but the store has no room to say that it is theirs. */
  | { kind: 'adoption-refused'; asked: readonly number[] }
  /** Pieces that were here are not, or not as they should be. `pauses`: who had everything fetches nothing unasked ([ST14]). */
  | { kind: 'pieces-lost'; pieces: readonly number[]; pauses?: boolean }
  | { kind: 'store-failed'; piece: number; why: StoreTrouble }
  /** [UI17] Something was removed: what found no room may be tried again at once. */
  | { kind: 'room-made' }
  | {
      kind: 'block-unreadable';
      link: LinkId;
      piece: number;
      offset: number;
      length: number;
      why: ReadTrouble;
      /** Which of the shared files it is, by its index; left out or null: any of those that lie in the piece. */
      file?: number | null;
    }
  | { kind: 'download-requested' }
  | { kind: 'download-paused' }
  /** The person stopped this share, or started it again: links, announces and serving go with it. */
  | { kind: 'sharing-stopped' }
  | { kind: 'sharing-resumed' }
  /** Bytes a second, of everything and of each peer; null: no limit. */
  | {
      kind: 'limits-changed';
      up: number | null;
      down: number | null;
      peerUp: number | null;
      peerDown: number | null;
    }
  /** [LB14] The person wants at most so many connections of this share; null: as many as it has by itself. */
  | { kind: 'link-limit-changed'; most: number | null }
  /** [LB15] The person wants nothing more to do with this peer. */
  | { kind: 'peer-kicked'; peer: PeerId }
  /** [PK4] These files of the share are wanted. Holds until the next, also for a manifest that is not here yet. */
  | { kind: 'files-chosen'; files: ChosenFiles }
  /** [WS2] The person agrees that the addresses of this share are asked, or does not any more. */
  | { kind: 'web-seeds-allowed'; allowed: boolean }
  /** Bytes of a range that was ordered, in their order, cut anywhere. */
  | { kind: 'range-came'; range: number; bytes: Uint8Array }
  /** The answer is over. */
  | { kind: 'range-ended'; range: number }
  /** `retryMs`: how long the server wants to be let be; 0: it does not say. */
  | { kind: 'range-failed'; range: number; why: RangeTrouble; retryMs: number }
  /** [WS26] All of a file without hashes is here, and as a whole it is not the one that is wanted. */
  | { kind: 'whole-refused' }
  /** [WS31] What is to be fetched by those who lend their connection: all of it. */
  | { kind: 'web-jobs-wanted'; jobs: readonly WebJob[] }
  /** [WS31] What becomes of a job that this peer asked for. */
  /** `found`: what stands there, for who did not know it; null: they did, or nobody does. */
  | { kind: 'web-job-answered'; peer: PeerId; url: string; answer: JobAnswer; found: WebFound | null }
  /** Somebody plays, or does not any more. Holds for the pieces begun from now on, until it is changed. */
  | { kind: 'order-changed'; order: PieceOrder }
  /** [ID2] These are peers of our own person: other tabs of this browser, and whom we called ourselves before. */
  | { kind: 'own-tabs-known'; peers: readonly PeerId[] }
  /** [ID4] We call ourselves this from now on. Connections that are open go on under the older name. */
  | { kind: 'renamed'; own: PeerId }
  | { kind: 'tracker-opened' }
  | { kind: 'tracker-lost' }
  /** The tracker does not take us into this swarm, for now. */
  | { kind: 'announce-refused' }
  | {
      kind: 'peers-announced';
      /** Seconds the tracker wants between announces. */
      interval: number;
      complete: number;
      incomplete: number;
      peers: readonly KnownPeer[];
    }
  | { kind: 'peer-joined'; peer: KnownPeer }
  | { kind: 'peer-left'; peer: PeerId }
  /** [PN11] We slept, or the way to others is another one: what failed before says nothing of them. */
  | { kind: 'network-changed' }
  | { kind: 'time-passed' };

export interface KnownPeer {
  readonly id: PeerId;
  readonly seed: boolean;
}

export type AnnounceEvent = 'started' | 'update' | 'completed' | 'stopped';

export type Output =
  | { kind: 'send'; link: LinkId; bytes: Uint8Array<ArrayBuffer> }
  /** Read this range and send it as one piece frame; its length counts in `bytes-sent` as the whole frame's. */
  /** `sha256`: that of the whole piece, in lowercase hex. */
  | { kind: 'serve-block'; link: LinkId; piece: number; offset: number; length: number; sha256: string }
  /** [UP8] This piece will be served soon: it may be read already. Nothing is answered. */
  | { kind: 'read-ahead'; piece: number; sha256: string }
  | { kind: 'close-link'; link: LinkId; why: CloseReason }
  /**
   * [WS1] Fetch these bytes of the file at `url`, which has `size` bytes in all; the answers are `range-came` and `range-ended`, or
   * `range-failed`. `range` names the order.
   */
  | { kind: 'fetch-range'; range: number; url: string; from: number; length: number; size: number }
  /** Nobody wants it any more: nothing is to be told of it. */
  | { kind: 'abort-range'; range: number }
  | { kind: 'dial'; peer: PeerId }
  /** Nothing was heard of it, and others wait: the dial has failed, whatever comes of it. */
  | { kind: 'give-up-dial'; peer: PeerId }
  | { kind: 'announce'; event: AnnounceEvent; left: number | null; want: number }
  /** Hash both texts; the answer is `manifest-hashed` for the same link. */
  | {
      kind: 'hash-manifest';
      link: LinkId;
      preimage: Uint8Array<ArrayBuffer>;
      shoalText: Uint8Array<ArrayBuffer> | null;
    }
  | { kind: 'keep-manifest'; manifest: Manifest }
  | { kind: 'hash-piece'; piece: number; bytes: Uint8Array<ArrayBuffer> }
  /** A verified piece; `sha256` in hex, as the manifest has it. `awaitedBytes`: of others that are wanted and still come. */
  | {
      kind: 'store-piece';
      piece: number;
      sha256: string;
      bytes: Uint8Array<ArrayBuffer>;
      awaitedBytes: number;
    }
  /** [LB7] Is the content of these stored, whatever share it came with? The answer is `pieces-looked-up`. */
  | { kind: 'look-up-pieces'; pieces: readonly { readonly piece: number; readonly sha256: string }[] }
  /**
   * [LB7] All of these have this content, which is stored: verify it, and give it to them. The answer is
   * `pieces-adopted` or `adoption-refused`. `bytes` is its size.
   */
  | { kind: 'adopt-pieces'; sha256: string; bytes: number; pieces: readonly number[] }
  | { kind: 'report'; event: Report };

export type CloseReason =
  | { kind: 'violation'; violation: Violation }
  | { kind: 'wrong-peer' }
  | { kind: 'duplicate' }
  | { kind: 'silent' }
  | { kind: 'full' }
  | { kind: 'useless' }
  | { kind: 'kicked' }
  /** [WS21] The server has another file at its side, or had. */
  | { kind: 'other-file' }
  | { kind: 'stopped' };

/** What of a piece came from whom, in bytes. */
export interface PiecePart {
  readonly peer: PeerId;
  readonly bytes: number;
}

/** What a person may want to read afterwards; the machine itself never depends on it. */
export type Report =
  | { kind: 'manifest-accepted' }
  | { kind: 'peer-dropped'; peer: PeerId | null; why: CloseReason }
  | { kind: 'piece-refused'; piece: number; peers: readonly PeerId[] }
  /** All of it was sent to us. `isRight`: it is what the manifest says. */
  | { kind: 'piece-came'; piece: number; isRight: boolean; from: readonly PiecePart[] }
  | { kind: 'completed' }
  /** [WS23] Somebody lied: these pieces were here, and are fetched again. */
  | { kind: 'pieces-doubted'; pieces: readonly number[] }
  /** [WS3] That server is asked for that file no more. */
  | { kind: 'address-lost'; host: string; why: RangeTrouble }
  /** [WS20] All of a file without hashes is here, and nothing of it waits to be looked at again. */
  | { kind: 'looked-through' }
  /** [WS26] It is not the one that is wanted, though all of it came from its server. */
  | { kind: 'origin-refused' }
  /** [EN8] It has everything now, and had not when we met. */
  | { kind: 'peer-completed'; peer: PeerId }
  /** [WS31] It asks for what nobody has judged yet. */
  | { kind: 'web-job-asked'; peer: PeerId; job: WebJob }
  /** [WS31] `done` also of one that had taken it and cannot be heard any more. */
  | { kind: 'web-job-answer'; peer: PeerId; url: string; answer: JobAnswer; found: WebFound | null };

export interface Machine {
  readonly infoHash: InfoHash;
  handle(input: Input, now: number): Output[];
  /** When `time-passed` is due, at the latest; null while nothing waits for time. */
  nextWakeup(): number | null;
  snapshot(now: number): EngineSnapshot;
  /** How many of the connected peers have each piece, 255 where more do; empty without a manifest. */
  availability(): Uint8Array<ArrayBuffer>;
}

/** Where a share stands, as one member of a union. */
export type SharePhase =
  /** No manifest yet: looking for a peer that has it. */
  | 'looking'
  /** The manifest is here, nothing was asked for yet. */
  | 'ready'
  | 'downloading'
  /** [UI17] It would, but the store has no room. It goes on by itself when there is some. */
  | 'full'
  | 'paused'
  /** Everything that is wanted is here ([PK4]): of part of the files that is part of the share. */
  | 'complete'
  /** The person stopped sharing: no links, no announces. */
  | 'stopped'
  /** The world got in the way; `trouble` says how. Progress is kept. */
  | 'failed';

export type Trouble =
  | { kind: 'store'; why: Exclude<StoreTrouble, 'quota'> }
  /** The sender's own file can no longer be read as it was shared. */
  | { kind: 'source'; why: ReadTrouble };

/** Others in the swarm: never we ourselves. */
export interface Others {
  readonly seeds: number;
  readonly leechers: number;
}

export interface PeerSnapshot {
  readonly id: PeerId;
  /** Another tab of our own browser ([ID2]). */
  readonly own: boolean;
  readonly role: LinkRole;
  /** Speaks our further frames; false: an unmodified TorrentInno peer. */
  readonly extended: boolean;
  readonly pieces: number;
  /** Payload of blocks in bytes a second, averaged over some seconds. */
  readonly down: number;
  readonly up: number;
}

/** [WS1] One mirror of the share. `waiting`: it failed, and is asked again later; `gone`: it is asked no more. */
export interface WebSeedSnapshot {
  /** With its port, where the address names one. */
  readonly host: string;
  readonly state: 'not-allowed' | 'idle' | 'asked' | 'waiting' | 'gone';
  readonly trouble: RangeTrouble | null;
  /** Bytes a second, and in all. */
  readonly down: number;
  readonly receivedBytes: number;
}

/** [WS22] How far it was looked at what others sent of a file without hashes: so many parts. */
export interface WebSwarmSnapshot {
  /** As the server, or somebody else, sends them. */
  readonly right: number;
  /** Being fetched again, or waiting for it. */
  readonly pending: number;
  /** That nobody could be asked about. */
  readonly unseen: number;
  /** Who sent something else, and is gone with all it sent. */
  readonly liars: number;
  /** Bytes that came from those who lend their connection, among what came from people. */
  readonly fromLenders: number;
  /** [WS26] As a whole it was not the one that is wanted: the rest comes from its server alone. */
  readonly refused: boolean;
}

/** Some files of a share: how many, and the path of the first of them. */
export interface SomeFiles {
  readonly files: number;
  readonly first: Path;
}

/** [UP7] Of one's own files those that cannot be read any more, and those that cannot be sent whole for it. */
export interface UnreadableSnapshot extends SomeFiles {
  /** Of the first. */
  readonly why: FileTrouble;
  readonly neighbours: number;
}

/** [PK4] What is wanted of a share, where that is not all of it. */
export interface WantedSnapshot {
  /** How many files. */
  readonly files: number;
  /** The one that is wanted, where it is one alone. */
  readonly onlyFile: number | null;
  /** Pieces that hold a byte of them, their bytes, and how many of those are stored. */
  readonly pieces: number;
  readonly bytes: number;
  readonly storedBytes: number;
}

export interface EngineSnapshot {
  readonly phase: SharePhase;
  readonly trouble: Trouble | null;
  readonly manifest: Manifest | null;
  /** None is known, and what somebody sent for it was refused. */
  readonly manifestRefused: boolean;
  readonly totalBytes: number;
  /** Null: all files, or nothing is known of them. */
  readonly wanted: WantedSnapshot | null;
  /** [UP7] Null: all of one's own files can be read, as far as is known. */
  readonly unreadable: UnreadableSnapshot | null;
  /** [PK7] Wanted files of which nobody who is connected has what is missing here; null: there is something to come, or nobody is connected. */
  readonly lacking: SomeFiles | null;
  /** Bytes of stored pieces plus received blocks of pieces under way. */
  readonly receivedBytes: number;
  readonly storedBytes: number;
  /** [LB7] Bytes that are here, came with another share, and are still to be verified. */
  readonly foundBytes: number;
  /** One byte a piece: 0 absent, 1 under way, 2 stored. A copy, empty without a manifest. */
  readonly pieces: Uint8Array<ArrayBuffer>;
  /** Grows whenever a piece changes its state: the same number says that `pieces` are the same. */
  readonly pieceChanges: number;
  readonly down: number;
  readonly up: number;
  readonly uploadedBytes: number;
  /** Seconds until complete at the present rate; null when there is no rate. */
  readonly eta: number | null;
  /** Other people in the swarm, each once; null: nothing is known of anybody. */
  readonly online: Others | null;
  /** How many of them can send something that is missing here, as far as it is known. */
  readonly senders: number;
  /** Others can find us through the tracker: it is reached, and did not refuse us. */
  readonly trackerOnline: boolean;
  /** It is reached and does not take us into this swarm. */
  readonly trackerRefuses: boolean;
  readonly peers: readonly PeerSnapshot[];
  readonly webSeeds: readonly WebSeedSnapshot[];
  /** [WS20] Null: the hashes are known, as of every share. */
  readonly web: WebSwarmSnapshot | null;
  /** Payload bytes that came since the share was opened: from people, and from web addresses. */
  readonly receivedFrom: { readonly people: number; readonly web: number };
  /** No block arrived for a while although the download wants some. */
  readonly stalled: boolean;
}
