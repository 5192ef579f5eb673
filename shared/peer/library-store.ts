/**
 * Types only: what is kept of each share over reloads ([LB1]). Two implementations, one contract suite
 * (`contracts/library-store.ts`).
 */
import type { InfoHash } from '../ids.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { WebFacts } from '../protocol/web-texts.ts';

/** What this peer does for a share. */
export type ShareRole = 'sharing' | 'receiving';

/**
 * What the person last asked for; it holds until they ask for something else. `looking`: only some of the files were
 * chosen yet ([LB10]), or its web addresses allowed ([WS2]), and no download asked for.
 */
export type Intent = 'sharing' | 'downloading' | 'paused' | 'stopped' | 'looking';

/** [WS20] The file at a web address, as it was when it was asked for. */
export interface WebFile extends WebFacts {
  /** In its normal form. */
  readonly url: string;
  /** What the person knows of it, in lowercase hex; null: nothing. */
  readonly sha256: string | null;
  /** [WS36] This peer may not ask its server, or cannot: others do. Left out: it asks. */
  readonly byOthers?: boolean;
  /** [WS23] Pieces that are stored and were found not to be right. */
  readonly doubted: readonly number[];
}

/** [WS40] Where a share came from as a file without hashes, with what was known of that. */
export type WebOrigin = Omit<WebFile, 'doubted'>;

/** Times in ms since 1970. */
export interface LibraryEntry {
  readonly infoHash: InfoHash;
  readonly role: ShareRole;
  readonly intent: Intent;
  /** As the manifest has it; empty while that is not known. */
  readonly name: string;
  readonly totalBytes: number;
  readonly fileCount: number;
  readonly addedAt: number;
  /** When the last piece came; one's own share has had them all from the beginning. */
  readonly finishedAt: number | null;
  /** When it was last written to the person's downloads, as far as is known. */
  readonly savedAt: number | null;
  /** When the person last had to do with it. Left out: not since it came, was complete or was saved. */
  readonly usedAt?: number;
  /** [LB10] The files that are wanted. Left out or null: all. */
  readonly files?: ChosenFiles;
  /** [LB9] Never cleaned up. Left out: it is. */
  readonly pinned?: boolean;
  /** [EN8] How many others had all of it while they were connected here. Left out: none. */
  readonly delivered?: number;
  /** [LB18] It is to be in the directory of public shares. Left out: it is not. */
  readonly listed?: boolean;
  /** [WS2] The web addresses that it names may be asked. Left out: not. */
  readonly asksWeb?: boolean;
  /** [WS20] It is a file at a web address without hashes. Left out: a share. */
  readonly web?: WebFile;
  /** [WS40] It was one. Left out: it came as a share. */
  readonly cameFrom?: WebOrigin;
}

/** Where entries are kept. No verb rejects because of the world: what cannot be kept is as if it had not been put. */
export interface LibraryStore {
  /** In no order that means anything. */
  entries(): Promise<LibraryEntry[]>;
  entry(infoHash: InfoHash): Promise<LibraryEntry | null>;
  put(entry: LibraryEntry): Promise<void>;
  remove(infoHash: InfoHash): Promise<void>;
}
