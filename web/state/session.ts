/**
 * What the state asks of the running worker, and what it is told. The real one is opened by `web/net/`; tests
 * hand in their own. Knows no Comlink, no tracker and no peer.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Route } from './route.ts';
import type {
  FileChange,
  ShownManifest,
  TransferSnapshot,
  WhyPassing,
  WorkerApi,
} from '../worker/contract.ts';

export type Session = Pick<
  WorkerApi,
  | 'share'
  | 'sharedBefore'
  | 'provide'
  | 'handlesOf'
  | 'reopen'
  | 'settings'
  | 'changeSettings'
  | 'library'
  | 'remove'
  | 'usage'
  | 'availability'
  | 'cancelShare'
  | 'history'
  | 'clearHistory'
  | 'transferLog'
  | 'totals'
  | 'chronicle'
  | 'disconnect'
  | 'forgetEverything'
  | 'allowWeb'
  | 'fetchUrl'
  | 'cancelFetch'
  | 'lendersOf'
  | 'lending'
  | 'list'
  | 'search'
  | 'pin'
  | 'choose'
  | 'filesOf'
  | 'foldersOf'
  | 'fileProgress'
  | 'saving'
  | 'join'
  | 'open'
  | 'openResource'
  | 'resourceOf'
  | 'download'
  | 'pause'
  | 'stop'
  | 'savedByItself'
  | 'saved'
  | 'blobPlan'
  | 'blobOf'
  | 'fileBytes'
>;

/** One share as the views read it: its figures, and what it consists of as soon as that is known. */
export interface Transfer extends TransferSnapshot {
  readonly pieces: Uint8Array;
  readonly manifest: ShownManifest | null;
}

/** What the worker tells. */
export interface WorkerPage {
  /** Of the shares whose figures changed. */
  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void;
  /** Once for each share. */
  manifestKnown(infoHash: InfoHash, manifest: ShownManifest): void;
  removed(infoHash: InfoHash): void;
  /** [WS20] Before `file` is removed. */
  becameShare(file: InfoHash, share: InfoHash): void;
  /** [WS12] Before what came of it is removed. */
  fileChanged(file: InfoHash, change: FileChange): void;
  keptInMemory(why: WhyPassing): void;
  /** A fault that is no single share's: nothing runs any more. */
  workerBroke(what: string): void;
  /** The worker's code cannot be loaded now; it is tried again until it can. */
  serverAway(): void;
}

/** This tab among those of its browser ([TB1]). */
export interface TabPlace {
  /** The peer is this tab's. */
  readonly owner: boolean;
  /** It is the only one. */
  readonly alone: boolean;
}

export interface SessionPage extends WorkerPage {
  /** There is a worker, this tab's or another's; what was said of an earlier one holds no more. */
  began(): void;
  tabsKnown(place: TabPlace): void;
}

/** The session with this tab's own worker. */
export interface OwnSession extends Session {
  /** Ends the worker and all connections. */
  end(): void;
}

export type OpenOwnSession = (page: WorkerPage) => Promise<OwnSession>;
export type OpenSession = (page: SessionPage) => Promise<Session>;

/** The worker's answer; null where there is none. */
export type AskSession = <T>(verb: (session: Session) => Promise<T>) => Promise<T | null>;

export type SaveOutcome = { kind: 'started'; into?: string } | { kind: 'failed'; why: string };

/**
 * Puts what is wanted of a finished share into the browser's downloads, or one file of it, by its index ([SA12]: that
 * saves no share); `ended` is called when the last byte is written or not. `due`: by itself, as what has just come: where
 * that was saved while it came, its end is waited for ([SA16]).
 */
export type SaveShare = (
  transfer: Transfer,
  session: Session,
  ended: (outcome: SaveEnd) => void,
  one?: number | 'due',
) => Promise<SaveOutcome>;

/** [SA16] One file that is saved while it comes. */
export interface ComingSaves {
  /** By the person, in this tab; `isElsewhere` is called where another tab saves it as it comes. */
  askedFor(infoHash: InfoHash, isElsewhere: () => void): void;
  /** The figures of a share. */
  taken(transfer: Transfer): void;
  removed(infoHash: InfoHash): void;
}

/** [SA10] How a save stands that this page did not begin. */
export type SaveHeard = (infoHash: InfoHash, state: { kind: 'started' } | SaveEnd) => void;

/** `into`: the folder that it was written to ([SA13]); left out: the browser's downloads. `none`: the person stopped it. */
export type SaveEnd = { kind: 'saved'; into?: string } | { kind: 'failed'; why: string } | { kind: 'none' };

/** What a fault of ours stopped, seen from one share: nothing of it, that share alone ([WK1]), or all of them. */
export type Broken = 'nothing' | 'share' | 'everything';

/** How far saving one share got in this tab. */
export type SaveState =
  | { kind: 'none' }
  | { kind: 'saving' }
  | { kind: 'started'; into?: string }
  | { kind: 'saved'; into?: string }
  | { kind: 'failed'; why: string };

/** The address and the history of the page, as far as the state moves in them. */
export interface Place {
  readonly host: string;
  readonly port: string;
  readonly route: Route;
  go(fragment: string): void;
  /** As `go`, without leaving a step back. */
  replace(fragment: string): void;
}

export type { InfoHash };
export type {
  BlobPlan,
  ChooseOutcome,
  DayTraffic,
  FetchOutcome,
  FileChange,
  FileHandle,
  ForgetOutcome,
  HistoryEnd,
  HistoryEntry,
  FileProgress,
  FileRow,
  Lenders,
  Lending,
  LibraryEntry,
  ListingState,
  LoggedEvent,
  LoggedTransfer,
  LogPage,
  SearchOutcome,
  SearchRequest,
  SearchResult,
  ResourceOutcome,
  Settings,
  ShareChronicle,
  ShareEvent,
  ShareUsage,
  ShownManifest,
  ShownWeb,
  SpeedSample,
  StreamProgress,
  Totals,
  WhyNoSearch,
  WhyPassing,
} from '../worker/contract.ts';
