/**
 * Types only: what the page and the worker say to each other. Control goes through Comlink; the bytes of each
 * peer go through a MessagePort of their own (`FromPage`, `ToPage`), never through these calls.
 */
import type { LinkRole, PieceOrder } from '../../shared/engine/io.ts';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import type { HistoryEntry } from '../../shared/peer/activity.ts';
import type { LoggedTransfer, LogPage, Totals } from '../../shared/peer/activity-store.ts';
import type { ShareChronicle } from '../../shared/peer/chronicle.ts';
import type { LinkEnd, LinkPath } from '../../shared/peer/ports.ts';
import type { LibraryEntry } from '../../shared/peer/library-store.ts';
import type { Signal } from '../../shared/peer/signals.ts';
import type {
  ChooseOutcome,
  FetchOutcome,
  FileProgress,
  FileRow,
  ForgetOutcome,
  HashingProgress,
  LimitOutcome,
  ListOutcome,
  OrderOutcome,
  ProvideIntent,
  ProvideOutcome,
  RateLimits,
  SearchOutcome,
  SearchRequest,
  ResourceOutcome,
  ShareDetails,
  ShareOutcome,
  TransferSnapshot,
} from '../../shared/peer/verbs.ts';
import type { Lenders } from '../../shared/peer/borrowing.ts';
import type { LendingState } from '../../shared/peer/lending.ts';
import type { StreamProgress } from '../../shared/peer/streamed-file.ts';
import type { FileChange } from '../../shared/peer/verbs.ts';
import type { StoreUsage } from '../../shared/peer/piece-store.ts';
import type { Settings } from '../../shared/peer/settings.ts';
import type { FileHandle } from './file-handle.ts';
import type { BlobPlan } from './saving/blob-of.ts';
import type { ShownManifest } from './shown-manifest.ts';
import type { WhyPassing } from './store/open-store.ts';

export type { HistoryEntry } from '../../shared/peer/activity.ts';
export type {
  DayTraffic,
  HistoryEnd,
  LoggedTransfer,
  LogPage,
  Totals,
} from '../../shared/peer/activity-store.ts';
export type { LoggedEvent, ShareChronicle, ShareEvent, SpeedSample } from '../../shared/peer/chronicle.ts';
export type { LibraryEntry } from '../../shared/peer/library-store.ts';
export type { ShareUsage, StoreUsage } from '../../shared/peer/piece-store.ts';
export type { Lenders } from '../../shared/peer/borrowing.ts';
export type { FileChange } from '../../shared/peer/verbs.ts';
export type { StreamProgress } from '../../shared/peer/streamed-file.ts';
export type { Settings } from '../../shared/peer/settings.ts';
export type {
  ChooseOutcome,
  FetchOutcome,
  FileProgress,
  FileRow,
  FilesMissing,
  ForgetOutcome,
  HashingProgress,
  ListingState,
  ListOutcome,
  ProvideOutcome,
  SearchOutcome,
  SearchRequest,
  SearchResult,
  ResourceOutcome,
  ShareOutcome,
  TransferSnapshot,
  WhyNoSearch,
} from '../../shared/peer/verbs.ts';
export type { FileHandle } from './file-handle.ts';
export type { BlobPlan } from './saving/blob-of.ts';
export type { Renamed } from './saving/renamed.ts';
export type { ZipEntry } from './saving/zip-entries.ts';
export type { ShownManifest, ShownWeb, WebHost } from './shown-manifest.ts';
export type { WhyPassing } from './store/open-store.ts';

export interface ChosenFile {
  readonly file: File;
  /** [LB5] Its own, or that of the folder with which it was chosen, whose name is the path's first. */
  readonly handle?: FileHandle | undefined;
  /** Folder names and the file's name as the person's system has them; made safe by the worker. */
  readonly path: readonly string[];
}

export interface ShareRequest extends ShareDetails {
  readonly files: readonly ChosenFile[];
}

/** [WS35] What this browser fetches for others. */
export interface Lending extends LendingState {
  /** The browser says that every byte may cost something, or that data is to be saved: nothing is lent. */
  readonly metered: boolean;
}

export interface WorkerApi {
  /** First call: where the tracker is, and where to push what happens. */
  start(page: PageApi, options: StartOptions): Promise<void>;
  share(request: ShareRequest, progress: (progress: HashingProgress) => void): Promise<ShareOutcome>;
  /** Joins the swarm of a link, with whatever is stored already. Harmless when it is open. */
  open(infoHash: InfoHash): Promise<void>;
  /** [LB2] Opens it as it was left: what was paused or stopped stays so. Harmless when it is open. */
  join(infoHash: InfoHash): Promise<void>;
  /** [MF10] Opens the share of a resource file, as `join` does, with its manifest known. */
  openResource(file: Uint8Array): Promise<ResourceOutcome>;
  /** [MF10] The resource file of a share; null while its manifest is not known. */
  resourceOf(infoHash: InfoHash): Promise<Uint8Array<ArrayBuffer> | null>;
  download(infoHash: InfoHash): Promise<void>;
  pause(infoHash: InfoHash): Promise<void>;
  /** Leaves the swarm; what is stored stays. `open` or `download` starts again. */
  stop(infoHash: InfoHash): Promise<void>;
  /** Holds from the next block on, also for shares that are opened later, until the next call or the tab's end. */
  limit(limits: RateLimits): Promise<LimitOutcome>;
  /** [LB10] Which files of an open share are wanted, by their indexes in its list; null: all. Asks for no download by itself. */
  choose(infoHash: InfoHash, files: readonly number[] | null): Promise<ChooseOutcome>;
  /** All files of a share, in the order of its list; null while that is not known. For once: `fileProgress` says what changes. */
  filesOf(infoHash: InfoHash): Promise<readonly FileRow[] | null>;
  /** The paths of all folders of a share in which nothing lies; null while that is not known. */
  foldersOf(infoHash: InfoHash): Promise<readonly (readonly string[])[] | null>;
  /** How far each file is and whether it is wanted, in the same order: cheap enough for every second of a download. */
  fileProgress(infoHash: InfoHash): Promise<FileProgress | null>;
  /** In which order the pieces of an open share are fetched, until the next call. Asks for no download by itself. */
  order(infoHash: InfoHash, order: PieceOrder): Promise<OrderOutcome>;
  /** [TB5] True for the first who asks after a download came to its end: it may save that by itself. */
  savedByItself(infoHash: InfoHash): Promise<boolean>;
  /** [LB8] The page goes: all swarms are left, and it is noted that nothing was under way. Nothing can be done afterwards. */
  end(): Promise<void>;
  /** [LB9] It is being written to the person's downloads, or not any more. */
  saving(infoHash: InfoHash, isUnderWay: boolean): Promise<void>;
  /** It is in the person's downloads. */
  saved(infoHash: InfoHash): Promise<void>;
  /** Forgets the share, with all that is stored of it. */
  remove(infoHash: InfoHash): Promise<void>;
  /** What this browser has, the newest first. */
  library(): Promise<readonly LibraryEntry[]>;
  /** What is stored of each share. */
  usage(): Promise<StoreUsage>;
  /** One byte a piece: how many of the connected peers have it, 255 where more do; empty where that is not known. */
  availability(infoHash: InfoHash): Promise<Uint8Array>;
  /** The shares that are being made are not: `share` answers `cancelled`. */
  cancelShare(): Promise<void>;
  /** [LB9] What is pinned is never cleaned up. */
  pin(infoHash: InfoHash, pinned: boolean): Promise<void>;
  /** [LB3] The files of a share that was made earlier. */
  provide(infoHash: InfoHash, files: readonly ChosenFile[], intent: ProvideIntent): Promise<ProvideOutcome>;
  /** [LB5] Handles of the files of a share, which only the page may ask the person about. */
  handlesOf(infoHash: InfoHash): Promise<readonly FileHandle[]>;
  /** [LB5] The person has allowed them to be read again. */
  reopen(infoHash: InfoHash): Promise<void>;
  /** [LB11] What has ended, the newest first. */
  history(): Promise<readonly HistoryEntry[]>;
  clearHistory(): Promise<void>;
  /** [LB12] The newest first. */
  transferLog(page: LogPage): Promise<readonly LoggedTransfer[]>;
  /** [LB13] */
  totals(): Promise<Totals>;
  /** [LB17] What happened to it since that event, and how fast it was; null: nothing is known of it. */
  chronicle(infoHash: InfoHash, after?: number): Promise<ShareChronicle | null>;
  /** [LB15] The peer is dropped, and neither dialled nor let in again until the page is loaded anew. */
  disconnect(infoHash: InfoHash, peer: PeerId): Promise<void>;
  /** [LB16] Every share and all that was noted or set; the page is to be loaded anew afterwards. */
  forgetEverything(): Promise<ForgetOutcome>;
  /** [WS2] Whether the web addresses that a share names may be asked for it. */
  allowWeb(infoHash: InfoHash, allowed: boolean): Promise<void>;
  /**
   * [WS20] Loads what is at a web address, or goes on with it; `progress` is told of what comes as one stream ([WS25]), of
   * which the answer is the end.
   */
  fetchUrl(text: string, progress: (progress: StreamProgress) => void): Promise<FetchOutcome>;
  /** [WS25] Streams that are under way are given up. */
  cancelFetch(): Promise<void>;
  /** [WS31] What those who lend their connection say to a file at this address; null: nobody is asked for it. */
  lendersOf(url: string): Promise<Lenders | null>;
  lending(): Promise<Lending>;
  /** [LB18] Whether others find a share of one's own by its name, on this server. */
  list(infoHash: InfoHash, wanted: boolean): Promise<ListOutcome>;
  /** [PN13] Public shares, by name or id. */
  search(request: SearchRequest): Promise<SearchOutcome>;
  settings(): Promise<Settings>;
  /** What is no setting in it changes nothing. Answers how all of them are now. */
  changeSettings(change: Partial<Settings>): Promise<Settings>;
  /** [LB4] The share that was made of these files earlier, which goes on with them. */
  sharedBefore(request: ShareRequest): Promise<InfoHash | null>;
  /**
   * What a share is saved as where there is no service worker: one file, or (null) all that is wanted of it. Null where it
   * is not in the store.
   */
  blobPlan(infoHash: InfoHash, file: number | null): Promise<BlobPlan | null>;
  /** The pieces of one file of a share as Blob parts: the way to disk where there is no service worker. */
  blobOf(infoHash: InfoHash, file: number): Promise<Blob | null>;
  /**
   * [SA13] Bytes of a stored file from an offset on, about 4 MiB of them; none behind its end. Null where the share or one
   * of these pieces is not in the store.
   */
  fileBytes(infoHash: InfoHash, file: number, from: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** What this side of an attempt has to say to the other, in order. */
  attemptSignalled(attempt: number, signals: readonly unknown[]): Promise<void>;
  attemptOpened(attempt: number, port: MessagePort, path: LinkPath): Promise<void>;
  /** Nothing has come for seconds through the connection that it became. */
  attemptInterrupted(attempt: number): Promise<void>;
  /** It came to nothing, or the connection that it became is gone. */
  attemptEnded(attempt: number): Promise<void>;
  /** The page is looked at again, or came back from where it was kept. */
  cameBack(): Promise<void>;
}

export interface StartOptions {
  readonly trackerUrl: string;
  /** Of the page: the worker's own script stands elsewhere. */
  readonly basePath: string;
}

/** What the page does for an attempt; each answers nothing. */
export interface AttemptsOnPage {
  /** `relayOnly`: through a relay server and no other way ([LB14]). */
  connect(attempt: number, role: LinkRole, relayOnly: boolean): void;
  signal(attempt: number, signals: readonly Signal[]): void;
  disconnect(attempt: number): void;
}

export interface PageApi extends AttemptsOnPage {
  /** The figures of the shares that changed, at most five times a second. */
  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void;
  /** Once for each share, as soon as it is known. */
  manifestKnown(infoHash: InfoHash, manifest: ShownManifest): void;
  removed(infoHash: InfoHash): void;
  /** [WS20] What was loaded as `file` is the share `share` from now on; `file` is removed. */
  becameShare(file: InfoHash, share: InfoHash): void;
  /** [WS12] [WS26] The file at its address is another one. */
  fileChanged(file: InfoHash, change: FileChange): void;
  /** [ST7] What comes is kept in memory alone. */
  keptInMemory(why: WhyPassing): void;
  /** The worker broke: what it threw, to show and to stop on. */
  workerBroke(what: string): void;
}

/**
 * On a peer's port. Page to worker: the peer's bytes as they come, `{sent}` when that many bytes of ours have
 * been given to the network, with some of their buffers to be used again, what was measured ([PN14]; null: it is not
 * known), and how it ended. Worker to page: bytes to send in order, `'close'`, `'measure'`.
 */
export type FromPage =
  ArrayBuffer | { sent: number; spare?: ArrayBuffer[] } | { roundTripMs: number | null } | LinkEnd;
export type ToPage = ArrayBuffer | 'close' | 'measure';
