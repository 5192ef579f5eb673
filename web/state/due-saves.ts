/**
 * [TB5] Which tab saves a download by itself that has come to its end: the one in which it was asked for, or, where that
 * is gone, the one that owns the peer. The worker says yes once.
 */
import type { InfoHash, TabPlace } from './session.ts';

/** ms after which what was asked for in another tab, which has not saved it, is left to the owner. */
export const OTHER_TAB_SAVES_MS = 3_000;

export class DueSaves {
  readonly #asked = new Set<InfoHash>();
  /** That wait to be allowed. */
  readonly #due = new Set<InfoHash>();
  readonly #mayBe: (infoHash: InfoHash) => Promise<boolean>;
  readonly #save: (infoHash: InfoHash) => void;

  /** `mayBe`: whether it is still to be saved, and by us. */
  constructor(mayBe: (infoHash: InfoHash) => Promise<boolean>, save: (infoHash: InfoHash) => void) {
    [this.#mayBe, this.#save] = [mayBe, save];
  }

  /** By the person, in this tab. */
  askedFor(infoHash: InfoHash): void {
    this.#asked.add(infoHash);
  }

  /** [SA16] Another tab saves it as it comes. */
  leave(infoHash: InfoHash): void {
    this.#asked.delete(infoHash);
  }

  /** [WS41] What was asked for as the one comes as the other. */
  becomes(before: InfoHash, infoHash: InfoHash): void {
    if (this.#asked.has(before)) this.#asked.add(infoHash);
  }

  due(infoHash: InfoHash, { owner, alone }: TabPlace): void {
    const wait = alone || this.#asked.has(infoHash) ? 0 : OTHER_TAB_SAVES_MS;
    if (this.#due.has(infoHash) || (wait > 0 && !owner)) return;
    this.#due.add(infoHash);
    if (wait === 0) void this.#saveNow(infoHash);
    else setTimeout(() => void this.#saveNow(infoHash), wait);
  }

  async #saveNow(infoHash: InfoHash): Promise<void> {
    const mine = await this.#mayBe(infoHash);
    this.#due.delete(infoHash);
    if (mine) this.#save(infoHash);
  }
}
