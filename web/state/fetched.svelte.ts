/**
 * Files that are loaded from bare web addresses, as far as every page has to know of them ([WS41]): what they became, which
 * changed at their server, and what is being asked for. Part of the first load, and small; what is said of it is elsewhere.
 */
import { without } from './save-states.svelte.ts';
import type { FileChange, InfoHash, StreamProgress, Transfer } from './session.ts';

/** What was asked for last, from the press to its answer ([WS40]); `fetching.ts` says how that goes. */
export type Fetching =
  | { readonly kind: 'asking'; readonly host: string }
  | { readonly kind: 'streaming'; readonly host: string; readonly progress: StreamProgress }
  /** `text`: as it was typed. */
  | { readonly kind: 'failed'; readonly text: string; readonly sentence: string };

export class Fetched {
  /** Null: nothing is asked for, and nothing failed. */
  asked = $state.raw<Fetching | null>(null);
  /** Shares, each with the last figures of what it was loaded as. */
  #made = $state.raw<Readonly<Record<InfoHash, Transfer | null>>>({});
  /** Files that are others than they were, or had to be. */
  #changed = $state.raw<Readonly<Record<InfoHash, FileChange>>>({});

  /** One stream, which begins anew after a reload ([WS25]). */
  get streams(): boolean {
    return this.asked?.kind === 'streaming';
  }

  /** The figures with which it became this share, in this page; null: they are not known, or it came another way. */
  madeOf(share: InfoHash): Transfer | null {
    return this.#made[share] ?? null;
  }

  /** Whether there is more to say of it than its figures do. */
  concerns(infoHash: InfoHash): boolean {
    return this.madeOf(infoHash) !== null || this.changeOf(infoHash) !== null;
  }

  /** Null: it is the same file, as far as anybody noticed. */
  changeOf(file: InfoHash): FileChange | null {
    return this.#changed[file] ?? null;
  }

  became(share: InfoHash, last: Transfer | null): void {
    this.#made = { ...this.#made, [share]: last };
  }

  changed(file: InfoHash, change: FileChange): void {
    this.#changed = { ...this.#changed, [file]: change };
  }

  /** The person asked for it, perhaps again. */
  begun(file: InfoHash): void {
    this.#changed = without(this.#changed, file);
  }
}
