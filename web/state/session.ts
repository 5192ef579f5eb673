/**
 * What the state asks of the running worker, and what it is told. The real one is opened by `web/net/`; tests
 * hand in their own. Knows no Comlink, no tracker and no peer.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Route } from './route.ts';
import type { ShownManifest, TransferSnapshot, WorkerApi } from '../worker/contract.ts';

export type Session = Pick<
  WorkerApi,
  | 'share'
  | 'sharedBefore'
  | 'provide'
  | 'library'
  | 'remove'
  | 'usage'
  | 'pin'
  | 'settings'
  | 'changeSettings'
  | 'saving'
  | 'join'
  | 'open'
  | 'download'
  | 'pause'
  | 'stop'
  | 'savedByItself'
  | 'saved'
  | 'blobPlan'
  | 'blobOf'
>;

/** One share as the views read it: its figures, and what it consists of as soon as that is known. */
export interface Transfer extends TransferSnapshot {
  readonly pieces: Uint8Array;
  readonly manifest: ShownManifest | null;
}

export interface SessionPage {
  /** Of the shares whose figures changed. */
  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void;
  /** Once for each share. */
  manifestKnown(infoHash: InfoHash, manifest: ShownManifest): void;
  removed(infoHash: InfoHash): void;
  /** A fault that is no single share's: nothing runs any more. */
  workerBroke(what: string): void;
  /** The worker's code cannot be loaded now; it is tried again until it can. */
  serverAway(): void;
}

export type OpenSession = (page: SessionPage) => Promise<Session>;

export type SaveOutcome = { kind: 'started' } | { kind: 'failed'; why: string };

/** Puts a finished share into the browser's downloads; `ended` is called when the last byte is written or not. */
export type SaveShare = (
  transfer: Transfer,
  session: Session,
  ended: (outcome: SaveEnd) => void,
) => Promise<SaveOutcome>;

export type SaveEnd = { kind: 'saved' } | { kind: 'failed'; why: string };

/** What a fault of ours stopped, seen from one share: nothing of it, that share alone ([WK1]), or all of them. */
export type Broken = 'nothing' | 'share' | 'everything';

/** How far saving one share got in this tab. */
export type SaveState =
  | { kind: 'none' }
  | { kind: 'saving' }
  | { kind: 'started' }
  | { kind: 'saved' }
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
export type { LibraryEntry, Settings, ShareUsage, ShownManifest } from '../worker/contract.ts';
