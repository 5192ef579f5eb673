/**
 * [HL30] The ports of storage over a file system: composes them over one state folder, which one process has at a time, and
 * one target folder, into which files are received. The door to this folder for who hosts a peer.
 */
import { join } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import type { ActivityStore } from '../../shared/peer/activity-store.ts';
import type { LibraryStore } from '../../shared/peer/library-store.ts';
import type { PieceStore } from '../../shared/peer/piece-store.ts';
import type { Files, KeptFiles } from '../../shared/peer/ports.ts';
import type { SessionMarks } from '../../shared/peer/session-marks.ts';
import type { SettingsStore } from '../../shared/peer/settings.ts';
import { displayText } from '../../shared/manifest/display.ts';
import { Descriptors } from './descriptors.ts';
import { DiskActivity } from './disk-activity.ts';
import { diskFiles } from './disk-content.ts';
import { DiskKept } from './disk-kept.ts';
import { DiskLibrary } from './disk-library.ts';
import { DiskMarks } from './disk-marks.ts';
import { DiskSettings } from './disk-settings.ts';
import { DiskStore } from './disk-store.ts';
import { takeLock } from './lock.ts';
import type { Lock } from './lock.ts';
import { Notices } from './notices.ts';
import type { NoticeListener } from './notices.ts';
import type { VerifyProgress } from './right-pieces.ts';
import { outcomeOf } from './saved-outcome.ts';
import type { SavedOutcome } from './saved-outcome.ts';
import { ShareShelf } from './share-shelf.ts';
import { codeOf, isWorlds } from './trouble.ts';

export interface DiskOptions {
  /** Where what is known of shares is kept. It may lie in the target folder. */
  readonly stateFolder: string;
  /** Where files are received. It is made when the first one comes. */
  readonly targetFolder: string;
  /** [HL38] Folders beside the target folder in which content may lie already. */
  readonly lookIn?: readonly string[];
  /** What lies there is linked and not copied. */
  readonly links?: boolean;
  readonly onNotice?: NoticeListener;
  /** Content that is here already is being verified. */
  readonly onVerify?: (infoHash: InfoHash, progress: VerifyProgress) => void;
  /** Runs the task once, `ms` from now. The answer cancels it. */
  readonly after?: (ms: number, task: () => void) => () => void;
}

export interface OpenedDisk {
  readonly store: PieceStore;
  readonly library: LibraryStore;
  readonly marks: SessionMarks;
  readonly settings: SettingsStore;
  readonly activity: ActivityStore;
  readonly kept: KeptFiles;
  readonly files: Files;
  /**
   * [HL38] Looks for what is here of a share and verifies it, before its peer opens it: what is found is its own then, and
   * not hashed again. Answers how many pieces it has.
   */
  gather(
    infoHash: InfoHash,
    manifest: Uint8Array<ArrayBuffer>,
    onProgress?: (progress: VerifyProgress) => void,
  ): Promise<number>;
  /** What is wanted is here: gives files their names that have none yet, and makes those without bytes and empty folders. */
  finish(infoHash: InfoHash): Promise<SavedOutcome | null>;
  /** Where the files of a share are; null: they have no place, as those of one's own. */
  outcomeOf(infoHash: InfoHash): SavedOutcome | null;
  /** It is going to be closed: what would be read of what is here already is left for the next time. */
  stopLooking(): void;
  /** Everything is on the disk for good. */
  sync(): Promise<void>;
  /** When the peer is closed: everything is on the disk, and others may have the state folder. */
  close(): Promise<void>;
}

/** Its message is a sentence that says why, and what to do. */
export class DiskUnusable extends Error {
  readonly why: 'in-use' | 'not-writable';

  constructor(why: 'in-use' | 'not-writable', message: string) {
    super(message);
    this.why = why;
  }
}

/** Rejects with `DiskUnusable`. */
export async function openDisk(options: DiskOptions): Promise<OpenedDisk> {
  const { stateFolder } = options;
  const lock = await locked(stateFolder);
  try {
    return await opened(options, lock);
  } catch (error) {
    await lock.release();
    throw isWorlds(error) ? unwritable(stateFolder, error) : error;
  }
}

async function opened(options: DiskOptions, lock: Lock): Promise<OpenedDisk> {
  const {
    stateFolder,
    targetFolder,
    lookIn = [],
    links = false,
    onNotice,
    onVerify = () => undefined,
  } = options;
  const notices = new Notices(onNotice);
  const descriptors = new Descriptors();
  const at = (name: string): string => join(stateFolder, name);
  const library = await DiskLibrary.open(at('library.json'), notices);
  const shelf = await ShareShelf.open({
    ...{ stateFolder, targetFolder, lookIn, links, notices, descriptors, onVerify },
    isWanted: (infoHash, file) => library.wants(infoHash, file),
    hasNoFiles: (infoHash) => {
      const { role = 'receiving', web } = library.known(infoHash) ?? {};
      return role === 'sharing' || web !== undefined;
    },
    after: options.after ?? afterwards,
  });
  const store = new DiskStore(shelf, notices);
  return {
    ...{ store, library, files: diskFiles },
    marks: new DiskMarks(at('session.json'), notices),
    settings: new DiskSettings(at('settings.json'), notices),
    activity: await DiskActivity.open(at('activity.jsonl'), notices),
    kept: new DiskKept(at('kept'), descriptors, notices),
    gather: (...asked) => store.gather(...asked),
    async finish(infoHash) {
      await store.finish(infoHash, library.known(infoHash)?.files ?? null);
      const share = shelf.get(infoHash);
      return share === undefined ? null : outcomeOf(share, shelf.target);
    },
    outcomeOf(infoHash) {
      const share = shelf.get(infoHash);
      return share === undefined ? null : outcomeOf(share, shelf.target);
    },
    stopLooking: () => shelf.stopLooking(),
    sync: () => shelf.syncAll(),
    async close() {
      store.close();
      await shelf.close();
      await descriptors.closeAll();
      await lock.release();
    },
  };
}

async function locked(stateFolder: string): Promise<Lock> {
  try {
    const outcome = await takeLock(stateFolder);
    if (outcome.kind === 'held') return outcome.lock;
    const holder =
      outcome.pid > 0 ? `process ${outcome.pid} on ${displayText(outcome.host)}` : 'another process';
    throw new DiskUnusable(
      'in-use',
      `${displayText(stateFolder)} is in use by ${holder}. End that first, or choose another folder.`,
    );
  } catch (error) {
    throw isWorlds(error) ? unwritable(stateFolder, error) : error;
  }
}

function unwritable(stateFolder: string, error: unknown): DiskUnusable {
  return new DiskUnusable(
    'not-writable',
    `${displayText(stateFolder)} cannot be written (${codeOf(error)}). Choose another folder, or give yourself permission to write there.`,
  );
}

function afterwards(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms);
  // What is due is done when the disk is closed, too.
  timer.unref();
  return () => clearTimeout(timer);
}
