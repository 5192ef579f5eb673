/**
 * Types only: the doors behind which the rest of the terminal's peer stands, as commands use it. Loaded when a command
 * needs them: help, a wrong call and what needs no connection wait for nothing.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { Peer } from '../../shared/peer/peer.ts';
import type {
  Clock,
  Digest,
  Entropy,
  Files,
  FileToShare,
  PeerPorts,
  SocketListener,
  TrackerSocket,
} from '../../shared/peer/ports.ts';
import type { PeerListener } from '../../shared/peer/verbs.ts';

export interface Platform {
  readonly clock: Clock;
  readonly digest: Digest;
  readonly entropy: Entropy;
  readonly files: Files;
}

/** What lies at the paths that a person named: folders with all in them. */
export type ChosenPaths =
  | {
      readonly kind: 'chosen';
      /** In the order of their paths; of equal ones in that of the naming. */
      readonly files: readonly FileToShare[];
      /** Paths of folders in which nothing lies. */
      readonly folders: readonly (readonly string[])[];
      /** What a share of them is called. */
      readonly name: string;
      /** Sentences: what was left out, and why. */
      readonly notices: readonly string[];
    }
  /** A sentence: which path, what about it, what to do. */
  | { readonly kind: 'refused'; readonly message: string };

export interface DiskOptions {
  /** For what is remembered: made where it is missing, for this process alone while it runs. */
  readonly stateFolder: string;
  /** Downloads are written here, in place. */
  readonly targetFolder: string;
  /** Folders beside that one in which content may lie already. */
  readonly lookIn?: readonly string[];
  /** What lies there whole is hard-linked, not copied. */
  readonly links?: boolean;
  /** A sentence about the disk: each once. */
  readonly onNotice?: (sentence: string) => void;
  /** Content that is here already is being verified. */
  readonly onVerify?: (readBytes: number, totalBytes: number) => void;
}

/** One file of a share on the disk. */
export interface SavedFile {
  /** As the manifest has it. */
  readonly path: readonly string[];
  readonly size: number;
  /** Where it is. */
  readonly at: string;
}

/** A name that is another than the share's. */
export interface ChangedName {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export interface SavedOutcome {
  /** The share's folder, or its one file. */
  readonly path: string;
  readonly files: readonly SavedFile[];
  readonly changedNames: readonly ChangedName[];
}

/** Stores of a peer over files. */
export interface OpenedDisk extends Pick<
  PeerPorts,
  'store' | 'library' | 'marks' | 'settings' | 'activity' | 'kept' | 'files'
> {
  /** Looks for what is here of a share before its peer opens it: what is right is its own then. */
  gather(infoHash: InfoHash, manifest: Uint8Array<ArrayBuffer>): Promise<unknown>;
  /** What is wanted is here: everything gets its name. Null: its files have no place. */
  finish(infoHash: InfoHash): Promise<SavedOutcome | null>;
  /** It is going to be closed: nothing more is read of what is here already. */
  stopLooking(): void;
  close(): Promise<void>;
}

/** `unproved`: there in its size, but a piece that it shares with others is not right, which may be theirs. */
export type FileVerdict = 'right' | 'wrong' | 'missing' | 'unproved';

export interface Verified {
  readonly kind: 'verified';
  /** In the manifest's order. */
  readonly files: readonly FileVerdict[];
  readonly pieces: { has(piece: number): boolean };
}

/** [HL12] What TorrentInno's own clients need. */
export interface TorrentInno {
  /** 0: any free one. */
  readonly port: number;
  /** Where one announces. */
  readonly tracker: URL | null;
  readonly publicIp: string | null;
}

export interface HostOptions {
  /** Of the page, with a slash at its end. */
  readonly serverUrl: string;
  readonly disk: OpenedDisk;
  readonly listener: PeerListener;
  readonly relayOnly: boolean;
  readonly torrentInno: TorrentInno | null;
  /** [WS5] Web addresses may lie in private networks, too. */
  readonly privateWeb: boolean;
  /** [WS13] Where a proxy may be named. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A sentence worth knowing, such as that the tracker of TorrentInno is away. */
  readonly onNotice: (sentence: string) => void;
}

/** A peer that runs: what was running over this disk before goes on. */
export interface Host {
  readonly peer: Peer;
  /** Settles when all of that is open again. */
  readonly restored: Promise<void>;
  /** Why nobody can be reached by WebRTC, in a sentence; null: they can be. */
  readonly unreachable: string | null;
  /** Leaves all swarms. The disk stays open. */
  close(): Promise<void>;
}

/** Rejects with `Ended` where the world is in the way. */
export interface Doors {
  platform(): Promise<Platform>;
  chosenPaths(paths: readonly string[]): Promise<ChosenPaths>;
  /** Hashes what lies at the path, and writes nothing. */
  verifyFiles(
    manifest: Manifest,
    path: string,
    onProgress: (readBytes: number, totalBytes: number) => void,
  ): Promise<Verified | { readonly kind: 'nothing-there' }>;
  openDisk(options: DiskOptions): Promise<OpenedDisk>;
  startHost(options: HostOptions): Promise<Host>;
  /** For who asks the server's directory and nothing else. */
  trackerSocket(serverUrl: string, listener: SocketListener): Promise<TrackerSocket>;
}
