/**
 * What the page and the service worker say to each other about saving ([SA2]). A page may be newer than the service
 * worker that serves it, so both pass over what they do not know. Types and addresses only; imported by both.
 */
import { infoHash } from '../../../shared/ids.ts';
import type { InfoHash } from '../../../shared/ids.ts';

/** What is saved: one file of a share, by its index, or all of them as one zip. */
export interface SaveTarget {
  readonly infoHash: InfoHash;
  readonly file: number | 'zip';
}

/** Page to service worker, each with a MessagePort for the answer. */
export type SaveQuestion =
  /** Is all of it in this browser's storage, or, `asItComes`, may it be saved before? Answered with `SaveReadiness`. */
  | { kind: 'prepare-save'; target: SaveTarget; asItComes?: true }
  /**
   * Tell me on this port how the save with that id goes on: `SaveNews`. Asked before the address is opened. `asItComes`: it
   * waits for what is not stored yet, as long as the page holds the lock of that target.
   */
  | { kind: 'watch-save'; id: string; asItComes?: SaveTarget }
  /** Keeps the service worker awake, and tells how much is stored; answered with `SavePulse`. */
  | { kind: 'save-pulse'; id: string; stored?: StoredSoFar }
  /** [SA10] Which saves do you know of? Answered with a list of `ToldSave`. */
  | { kind: 'known-saves' }
  /** [SA11] To one that waits: is every page that is open yours? Then take over. Answered with `TakeOver`. */
  | { kind: 'take-over' };

/** `comes`: it can be saved as it comes, and lies in the pieces `from` up to `to`. */
export type SaveReadiness =
  | { kind: 'ready' }
  | { kind: 'absent' }
  | { kind: 'incomplete' }
  | { kind: 'comes'; from: number; to: number };

/** [SA16] Of a file that comes: the first of its pieces that is not stored yet. */
export type StoredSoFar = number | 'all';

export type SaveNews =
  | { kind: 'watching' }
  | { kind: 'begun' }
  /** The last byte was handed to the browser's download. */
  | { kind: 'saved' }
  | { kind: 'failed'; why: SaveFailure };

export type SaveOver = SaveNews & { kind: 'saved' | 'failed' };

/**
 * `gone`: a piece is no longer in storage, or not yet and nobody tells of it any more. `cancelled`: the download was ended from outside. Whether a person did that
 * or the disk was full no browser tells: Chromium gives no reason, Firefox the same one.
 */
export type SaveFailure = 'gone' | 'cancelled';

/** `unknown`: the service worker was stopped since and has forgotten the save. */
export type SavePulse = { kind: 'under-way' } | { kind: 'unknown' };

/** [SA10] How a save stands: told to every page of this browser on a channel, and to whoever asks. */
export interface ToldSave {
  readonly id: string;
  readonly infoHash: InfoHash;
  /** [SA12] One file out of several that are wanted: the share is not saved by that. */
  readonly isPart?: true;
  readonly stands: { kind: 'under-way' } | { kind: 'saved' } | { kind: 'failed'; why: SaveFailure };
}

/** `older-pages`: one of another version is open, which may still need files of its own. */
export type TakeOver = { kind: 'taking-over' } | { kind: 'older-pages' };

/** [SA11] Service worker to page, with a MessagePort for the answer: the address of the page's own script. */
export interface VersionQuestion {
  readonly kind: 'which-script';
}

/** What the channel is called, behind the name of the place ([ST8]). */
export const SAVES_CHANNEL = '-saves';

const FOLDER = 'save/';

/** [SA16] Held by the page that a file comes to while it is saved, behind the name of the place. */
export function comingLock({ infoHash: share }: Pick<SaveTarget, 'infoHash'>): string {
  return `-coming-${share}`;
}

/** The address whose response is the download; `id` names it in messages. */
export function saveAddress(basePath: string, { infoHash: share, file }: SaveTarget, id: string): string {
  return `${basePath}${FOLDER}${share}/${file}?id=${encodeURIComponent(id)}`;
}

/** Null: an address of saving, but of nothing that could be saved. Undefined: not an address of saving. */
export function parseSaveAddress(
  basePath: string,
  url: URL,
): { target: SaveTarget; id: string } | null | undefined {
  const prefix = basePath + FOLDER;
  if (!url.pathname.startsWith(prefix)) return undefined;
  const [hash = '', file = '', ...more] = url.pathname.slice(prefix.length).split('/');
  const share = infoHash(hash);
  if (share === null || more.length > 0 || !/^(?:zip|\d{1,5})$/.test(file)) return null;
  const target = { infoHash: share, file: file === 'zip' ? ('zip' as const) : Number(file) };
  return { target, id: url.searchParams.get('id') ?? '' };
}
