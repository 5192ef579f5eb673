/**
 * [LB8] What is known of sessions that ended without a word: the browser was killed, or its power cut. A mark says that
 * a session runs; one that is there when another begins was left behind. Two implementations, one contract suite
 * (`contracts/session-marks.ts`).
 */
import type { InfoHash } from '../ids.ts';

/** No verb rejects because of the world: what cannot be kept is as if it had not been said. */
export interface SessionMarks {
  /** A session begins. If an earlier one did not end, all of `shares` are unchecked, beside those that are already. */
  begun(shares: readonly InfoHash[]): Promise<void>;
  ended(): Promise<void>;
  isUnchecked(infoHash: InfoHash): Promise<boolean>;
  /** It was checked, or is gone. */
  checked(infoHash: InfoHash): Promise<void>;
}

/** Of content that is gone with the tab, too. */
export class MemoryMarks implements SessionMarks {
  #running = false;
  readonly #unchecked = new Set<InfoHash>();

  async begun(shares: readonly InfoHash[]): Promise<void> {
    if (this.#running) for (const infoHash of shares) this.#unchecked.add(infoHash);
    this.#running = true;
  }

  async ended(): Promise<void> {
    this.#running = false;
  }

  async isUnchecked(infoHash: InfoHash): Promise<boolean> {
    return this.#unchecked.has(infoHash);
  }

  async checked(infoHash: InfoHash): Promise<void> {
    this.#unchecked.delete(infoHash);
  }
}
