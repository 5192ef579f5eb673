/**
 * Types only: everything that a command says, as the objects that `--json` prints, one a line ([HL5]). For people they
 * are put into words elsewhere. Keys are only ever added; sizes are bytes, rates bytes a second, times seconds.
 */
import type { LendEvent } from '../../shared/peer/lending.ts';
import type { ListingState } from '../../shared/peer/verbs.ts';

/** What is known of a share, and how it is passed on. */
export interface ShareFacts {
  readonly infoHash: string;
  readonly link: string;
  readonly magnet: string;
  readonly name: string;
  readonly size: number;
  readonly files: number;
  readonly pieces: number;
  /** Of the largest. */
  readonly pieceSize: number;
  /** TorrentInno's own program can load it. */
  readonly torrentInno: boolean;
}

export interface InfoFile {
  readonly path: readonly string[];
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified?: number;
}

/** Everything that a resource file says. */
export interface ResourceInfo extends ShareFacts {
  readonly type: 'resource';
  readonly comment: string;
  readonly createdAt: string;
  readonly tracker: string;
  readonly list: readonly InfoFile[];
  readonly folders: readonly (readonly string[])[];
}

/** What a link or magnet says by itself. */
export interface LinkInfo {
  readonly type: 'link';
  readonly infoHash: string;
  readonly link: string;
  readonly magnet: string | null;
  /** As the magnet claims; null: it is not said. */
  readonly name: string | null;
  readonly size: number | null;
}

export interface Progress {
  readonly type: 'progress';
  readonly infoHash: string;
  /** Of what is wanted. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
  readonly percent: number;
  readonly down: number;
  readonly up: number;
  readonly uploadedBytes: number;
  /** Seconds; null: unknown. */
  readonly eta: number | null;
  /** People who are connected. */
  readonly peers: number;
  /**
   * `fetch`: what came since this began from the server, from those who lend their connection, and from others; and how many
   * lend it for this.
   */
  readonly fromServer?: number;
  readonly fromLenders?: number;
  readonly fromOthers?: number;
  readonly lenders?: number;
}

/** `fetch`: what comes as one stream. */
export interface Streaming {
  readonly type: 'streaming';
  readonly url: string;
  readonly receivedBytes: number;
  /** Null: the server does not say. */
  readonly totalBytes: number | null;
}

/** What one's own share gives. */
export interface Sending {
  readonly type: 'sending';
  readonly infoHash: string;
  readonly up: number;
  readonly uploadedBytes: number;
  readonly peers: number;
  /** How many had all of it while they were connected, since this began. */
  readonly delivered: number;
}

/** What all shares of a daemon give together. */
export interface Serving {
  readonly type: 'serving';
  readonly shares: number;
  readonly up: number;
  readonly uploadedBytes: number;
  readonly peers: number;
}

export interface Reading {
  readonly type: 'reading';
  readonly readBytes: number;
  readonly totalBytes: number;
}

/** What moves, and is said again and again. */
export type Moving = Progress | Streaming | Sending | Serving | Reading;

/** How far a share is: a word for machines, a sentence for people. */
export interface Status {
  readonly type: 'status';
  readonly infoHash: string;
  readonly state: StatusWord;
  readonly message: string;
}

export type StatusWord =
  | 'looking'
  | 'connecting'
  | 'waiting'
  | 'downloading'
  | 'checking'
  | 'stalled'
  | 'full'
  | 'server-away'
  | 'server-refuses'
  | 'complete'
  | 'ready'
  | 'sending'
  | 'files-missing'
  | 'stopped'
  | 'failed';

/** By the SHA-256 of the whole; all of it came from its server in this call; parts of what others sent; none of these. */
export type FetchVerified = 'sha256' | 'server' | 'parts' | 'no';

export type SkippedWhy = 'no-resource' | 'no-content' | 'changed' | 'unreadable' | 'same-share';

export type Said =
  | ResourceInfo
  | LinkInfo
  | Moving
  | Status
  /** `create`: null is the standard output. */
  | ({ readonly type: 'created'; readonly file: string | null } & ShareFacts)
  /** `share`: `again`: the link is that of an earlier time. */
  | ({ readonly type: 'shared'; readonly again: boolean; readonly qr: string | null } & ShareFacts)
  | { readonly type: 'kept'; readonly folder: string; readonly resource: string }
  | {
      readonly type: 'listing';
      readonly infoHash: string;
      readonly listed: ListingState;
      readonly message: string;
    }
  | { readonly type: 'delivered'; readonly infoHash: string; readonly receivers: number }
  /** `get`: it is known what it is. */
  | ({ readonly type: 'found'; readonly wanted: number; readonly wantedBytes: number } & ShareFacts)
  /** Both below the output folder. */
  | {
      readonly type: 'renamed';
      readonly infoHash: string;
      readonly from: readonly string[];
      readonly to: readonly string[];
    }
  /** The share's folder, or its one file. */
  | { readonly type: 'saved'; readonly infoHash: string; readonly path: string }
  | {
      readonly type: 'got';
      readonly infoHash: string;
      readonly name: string;
      readonly files: number;
      readonly size: number;
    }
  /** `fetch`: it is known what is at the address. */
  | {
      readonly type: 'fetching';
      /** Of the swarm of the address: not of a share yet. */
      readonly infoHash: string;
      readonly url: string;
      readonly name: string;
      readonly size: number;
      /** What the whole must be; null: nobody said so. */
      readonly sha256: string | null;
    }
  /** `fetch`: all of it is here, and a share. */
  | {
      readonly type: 'fetched';
      readonly infoHash: string;
      readonly link: string;
      readonly url: string;
      readonly name: string;
      readonly size: number;
      readonly verified: FetchVerified;
      /** Parts of what others sent, in this call. */
      readonly right: number;
      readonly unseen: number;
    }
  /** `verify`: only files that are not as they should be. */
  | {
      readonly type: 'file';
      readonly path: readonly string[];
      readonly state: 'missing' | 'wrong' | 'unproved';
    }
  | {
      readonly type: 'verified';
      readonly right: boolean;
      readonly files: number;
      readonly wrong: number;
      readonly missing: number;
      readonly unproved: number;
      readonly rightBytes: number;
      readonly size: number;
    }
  /** `search` */
  | {
      readonly type: 'result';
      readonly infoHash: string;
      readonly link: string;
      readonly name: string;
      readonly size: number;
      readonly files: number;
      readonly comment: string;
      readonly seeds: number;
      readonly leechers: number;
    }
  | { readonly type: 'results'; readonly total: number; readonly shown: number }
  /** `seed` */
  | ({ readonly type: 'seeding'; readonly resource: string } & ShareFacts)
  | {
      readonly type: 'skipped';
      readonly resource: string;
      readonly why: SkippedWhy;
      readonly message: string;
    }
  | { readonly type: 'unseeded'; readonly infoHash: string; readonly name: string }
  | { readonly type: 'health'; readonly url: string }
  | { readonly type: 'watching'; readonly folder: string; readonly shares: number }
  /** What is done for others, or is not ([HL66]). */
  | (LendEvent & { readonly type: 'lent'; readonly message: string })
  /** Worth knowing, and nothing is wrong. */
  | { readonly type: 'note'; readonly message: string }
  | { readonly type: 'interrupted'; readonly message: string }
  | { readonly type: 'error'; readonly exit: number; readonly message: string };
