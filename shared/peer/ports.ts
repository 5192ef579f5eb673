/**
 * Types only: all that a peer knows of the platform it runs on. A browser's worker, a terminal and the tests plug in
 * what they have; a port with more than one implementation has a contract suite in `contracts/`.
 */
import type { FileTrouble, LinkRole, RangeTrouble } from '../engine/io.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import type { ProofAlgorithm } from '../tracker/proof.ts';
import type { HostPolicy } from '../url/literal-address.ts';
import type { UrlProbe } from '../url/probe.ts';
import type { ActivityStore } from './activity-store.ts';
import type { LibraryStore } from './library-store.ts';
import type { PieceStore } from './piece-store.ts';
import type { SessionMarks } from './session-marks.ts';
import type { SettingsStore } from './settings.ts';
import type { Signal } from './signals.ts';

export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Milliseconds since 1970. */
  today(): number;
  /** Runs the task once, `ms` from now at the earliest. The answer cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** SHA-256. */
export interface Digest {
  sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** [WS26] SHA-256 of bytes that come one part behind the other. */
export interface WholeDigest {
  update(bytes: Uint8Array): void;
  /** Of all that came, in lowercase hex. Called once, at the end. */
  hex(): string;
}

/** Randomness good enough for ids and salts. */
export interface Entropy {
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

/** Why a person's file cannot be read. */
export type FileBytes =
  { kind: 'read'; bytes: Uint8Array<ArrayBuffer> } | { kind: 'unreadable'; why: FileTrouble };

/** A person's file, or several one after another: bytes that may be gone or others at any time. */
export interface FileContent {
  readonly size: number;
  /** Bytes `from` up to `to`, all of them or none. Never rejects. The bytes are the reader's own. */
  read(from: number, to: number): Promise<FileBytes>;
  /** For who reads all of it, from the first byte to the last. */
  inOrder(): ContentReader;
}

/** Reads into buffers that go to and fro, so that gigabytes are read with the memory of a few of them. */
export interface ContentReader {
  /**
   * The next `bytes`, all of them or none. `buffer`, which has room for them, belongs to the reader meanwhile; of what
   * comes the whole buffer belongs to who asked, and may be handed in the next time. Never rejects; after `unreadable`
   * there is nothing more. One at a time.
   */
  next(bytes: number, buffer: ArrayBuffer): Promise<FileBytes>;
  /** Lets go of the file. */
  end(): void;
}

/** One of the files that a person chose. */
export interface FileToShare {
  readonly content: FileContent;
  /** Folder names and the file's name as the person's system has them; made safe by the peer. */
  readonly path: readonly string[];
  /** Milliseconds since 1970 of its last change. */
  readonly modified: number;
}

export interface Files {
  /** One behind the other, read as one. */
  join(files: readonly FileContent[]): FileContent;
}

export type KeptOpening =
  /** In the order in which they were given. */
  | { kind: 'opened'; files: readonly FileToShare[] }
  | { kind: 'not-kept' }
  /** They can be read once the person has allowed it again. */
  | { kind: 'permission-needed' }
  /** One of them was moved or deleted, or may not be read. */
  | { kind: 'gone' };

/**
 * [LB5] What the platform lets a peer keep hold of of a person's files, to read them again after a restart. It says
 * nothing about their bytes: they may be others. No verb rejects because of the world: what cannot be kept is not kept.
 */
export interface KeptFiles {
  /** All of them, in place of what was kept of the share before. False: nothing is kept of it now. */
  keep(infoHash: InfoHash, files: readonly FileToShare[]): Promise<boolean>;
  open(infoHash: InfoHash): Promise<KeptOpening>;
  /** Of which shares files are kept, without a look at the files. */
  shares(): Promise<InfoHash[]>;
  forget(infoHash: InfoHash): Promise<void>;
}

/** Bytes `from` on of the file at an http(s) address, which has `size` bytes in all ([WS1]). */
export interface RangeOrder {
  readonly url: string;
  readonly from: number;
  readonly length: number;
  readonly size: number;
  /** [WS12] Of the file that is meant: a strong entity tag or the date of its last change. Null or left out: none is known. */
  readonly validator?: string | null;
}

export interface RangeListener {
  /** The bytes as they come, cut anywhere, in their order and no more than were asked for; the listener's own. */
  came(bytes: Uint8Array): void;
  /** All of them came. */
  ended(): void;
  /** `retryMs`: how long the server wants to be let be; 0: it does not say. */
  failed(why: RangeTrouble, retryMs: number): void;
}

/** Fetches ranges of files from servers on the web, without cookies, credentials or a referrer ([WS3]). */
export interface WebRanges {
  /** The answer gives it up: nothing is told after that. Never throws. */
  fetch(order: RangeOrder, listener: RangeListener): () => void;
}

export type StreamPart =
  | { kind: 'bytes'; bytes: Uint8Array }
  /** All of it came, as far as the server says how much that is. */
  | { kind: 'end' }
  | { kind: 'failed'; why: RangeTrouble };

/** One answer, read as fast as it is asked for. */
export interface ByteStream {
  /** The next of it. Never rejects; nothing follows the end. One at a time. */
  next(): Promise<StreamPart>;
  /** Lets go of it. */
  close(): void;
}

/** [WS25] Fetches whole files, as `WebRanges` fetches ranges. */
export interface UrlStream {
  /** Never rejects. */
  open(url: string): Promise<{ kind: 'opened'; stream: ByteStream } | { kind: 'failed'; why: RangeTrouble }>;
}

/** How the bytes of a connection travel: straight, or through a relay server that sees only ciphertext. */
/** `lan`: both ends are in one network. */
export type LinkPath = 'direct' | 'lan' | 'relayed';

/** `flooded`: the peer sent more messages than it may ([PN8]). */
export type LinkEnd = 'closed' | 'flooded';

export interface LinkListener {
  /**
   * The peer's bytes as they come, cut anywhere; the listener's own. `subflow`: of which further connection's stream
   * they are ([PN14]); left out: of the first one's.
   */
  received(bytes: Uint8Array, subflow?: number): void;
  /** Nothing more comes of it. `lost`: what was on its way over it may not have come. */
  subflowEnded?(subflow: number, lost: boolean): void;
  /** So many bytes of ours were given to the network. */
  sent(bytes: number): void;
  /** The connection is gone, and not by our own doing. Nothing is told after it. */
  closed(why: LinkEnd): void;
}

/** An open connection to one peer: bytes in their order, both ways, none lost. */
export interface Link {
  readonly path: LinkPath;
  /** Called once, before anything is sent; what came before that is told then. */
  listen(listener: LinkListener): void;
  /**
   * `bytes` has a buffer of its own and is gone afterwards. After the end of the link nothing happens. `mayOvertake`: it is
   * one whole frame that may come before what was sent earlier ([PN14]).
   */
  send(bytes: Uint8Array<ArrayBuffer>, mayOvertake?: boolean): void;
  /** A buffer of so many bytes for what is sent next, with anything in it. Left out: a new one is as good. */
  frame?(bytes: number): Uint8Array<ArrayBuffer>;
  /** Of a packet there and back, in ms; null: it is not known. Left out: of no use here. */
  roundTripMs?(): Promise<number | null>;
  /** Nothing is told any more. */
  close(): void;
}

export interface AttemptListener {
  /** What this side has to say to the other, to be carried there in order. */
  signalled(signals: readonly unknown[]): void;
  opened(link: Link): void;
  /** Nothing has come through it for seconds. It may come back by itself, and take long for it. */
  interrupted(): void;
  /** It came to nothing, or the connection that it became is gone. Told once, and nothing after it. */
  ended(): void;
}

/** A connection that is being made, and then the one that it became. */
export interface Attempt {
  /** What the other side had to say, in order. */
  signal(signals: readonly Signal[]): void;
  /** Gives it up, or closes what it became; `ended` is told. */
  close(): void;
}

export interface Dialler {
  /** Null where the platform gives no more connections. The dialler speaks first. */
  begin(role: LinkRole, listener: AttemptListener): Promise<Attempt | null>;
}

export interface SocketListener {
  opened(): void;
  /** It closed, or could not be opened: it is tried again. */
  lost(): void;
  received(text: string): void;
}

/** The one socket to the tracker: connects by itself, again and again. Texts that cannot go now are dropped. */
export interface TrackerSocket {
  readonly isOpen: boolean;
  send(text: string): void;
  /** The network is back: no need to wait for the next try. An open one is left alone. */
  retryNow(): void;
  /** Nothing comes through any more, whatever it says of itself: connects anew at once. */
  replace(): void;
  /** Nothing is told any more. */
  close(): void;
}

/** What the swarms of another kind tell, of one share. */
export interface OtherSwarmListener {
  /**
   * Whether a link to that peer may come to something. `says`: the id that it gives itself, which is proved to nobody:
   * a peer that our own tracker's ways lead to needs no second link.
   */
  welcomes(peer: PeerId, says: PeerId): boolean;
  /**
   * Both have shaken hands on it ([HL51]). `peer`: what it is called here, a name that nobody else can take: not the id
   * that it gives itself.
   */
  linkOpened(peer: PeerId, role: LinkRole, link: Link): void;
}

/** One share among peers whom our tracker does not know. */
export interface OtherSwarm {
  /** A connection by our own tracker's ways is open to that peer: one to who calls itself so is not needed here. */
  reachedElsewhere(peer: PeerId): void;
  /** Nobody is dialled or let in any more. Links that are open are the machine's to close. */
  leave(): void;
}

/** [HL50] Peers that find each other neither by our tracker nor through our dialler, and link us by themselves. */
export interface OtherSwarms {
  /** Who we are there from now on. Said before anything is joined; what is open goes on under the older id. */
  become(own: PeerId): void;
  join(infoHash: InfoHash, listener: OtherSwarmListener): OtherSwarm;
  /** The network is another one, or we slept: nothing has to wait for its next try. */
  networkChanged(): void;
  /** Everything is closed at once, and nothing is told any more. */
  close(): void;
}

/** [ID2] Who a peer is: its id is the SHA-256 of a public key whose private half never leaves the platform. */
export interface Identity {
  readonly id: PeerId;
  readonly algorithm: ProofAlgorithm;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * What other tabs of this browser, or other peers of the same person, and we tell each other: who we are. Who is not
 * told of is anybody.
 */
export interface OwnTabs {
  /** We are called so from now on, and were called that before. */
  here(id: PeerId): void;
  /** Nothing is told any more, to either side. */
  close(): void;
}

export interface PeerPorts {
  readonly clock: Clock;
  readonly digest: Digest;
  /** A new one. */
  readonly wholeDigest: () => WholeDigest;
  readonly entropy: Entropy;
  readonly store: PieceStore;
  readonly library: LibraryStore;
  readonly marks: SessionMarks;
  readonly settings: SettingsStore;
  readonly activity: ActivityStore;
  readonly files: Files;
  readonly kept: KeptFiles;
  readonly dialler: Dialler;
  /** A new one each time. */
  readonly identify: () => Promise<Identity>;
  /** `met` is told of each other one, soon after it or we came, and maybe again. */
  readonly ownTabs: (met: (id: PeerId) => void) => OwnTabs;
  readonly tracker: (listener: SocketListener) => TrackerSocket;
  /** Left out: there are none. */
  readonly otherSwarms?: OtherSwarms;
  /** [WS1] Left out: no server on the web is asked. */
  readonly webRanges?: WebRanges;
  /** [WS11] Left out: it cannot be found out what is at an address. */
  readonly urlProbe?: UrlProbe;
  /** [WS25] Left out: what comes in no ranges does not come. */
  readonly urlStream?: UrlStream;
  /** [WS10] Which hosts may be asked, by what they are called. Left out: public ones. */
  readonly mayAskHost?: HostPolicy;
  /** [WS35] The network may be used for others: it is not known to be metered. Left out: it may. */
  readonly mayLend?: () => boolean;
  /** [SO2] What is kept in memory of the pieces that are served. Left out: as much as a page keeps. */
  readonly pieceCacheBytes?: number;
}
