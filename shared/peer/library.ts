/**
 * What this peer has and wants of each share ([LB1]), kept over reloads and crashes. An entry is made when a share is
 * made or its download asked for; looking at a link makes none. Changes are written one after another, each on what
 * stands there by then, so that other tabs' entries are never overwritten. Knows no engine and no pieces.
 */
import type { InfoHash } from '../ids.ts';
import { lastUseOf } from './clean-up.ts';
import type { LibraryEntry, LibraryStore } from './library-store.ts';

export class Library {
  readonly #store: LibraryStore;
  #changes: Promise<void> = Promise.resolve();

  constructor(store: LibraryStore) {
    this.#store = store;
  }

  /** The newest first. */
  async entries(): Promise<LibraryEntry[]> {
    await this.#changes;
    const entries = await this.#store.entries();
    return entries.sort((one, other) => other.addedAt - one.addedAt);
  }

  async entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    await this.#changes;
    return this.#store.entry(infoHash);
  }

  /** Makes the entry, or changes the one that is there: what is said of when it came stays. */
  add(entry: LibraryEntry): Promise<void> {
    return this.#change(async () => {
      const known = await this.#store.entry(entry.infoHash);
      await this.#store.put(
        known === null
          ? entry
          : {
              ...known,
              ...entry,
              addedAt: known.addedAt,
              finishedAt: known.finishedAt,
              savedAt: known.savedAt,
            },
      );
    });
  }

  /** Of a share that has no entry nothing is noted. */
  note(infoHash: InfoHash, news: Partial<Omit<LibraryEntry, 'infoHash'>>): Promise<void> {
    return this.#change(async () => {
      const known = await this.#store.entry(infoHash);
      if (known !== null) await this.#store.put({ ...known, ...news });
    });
  }

  /**
   * [LB9] It is used now. Every use is noted behind all that were noted before, so that what is used while a clock is
   * behind is not taken for old when that is right again, and the order of uses is kept.
   */
  use(infoHash: InfoHash, today: number): Promise<void> {
    return this.#change(async () => {
      const entries = await this.#store.entries();
      const known = entries.find((entry) => entry.infoHash === infoHash);
      if (known === undefined) return;
      const others = entries.filter((entry) => entry !== known);
      const latest = others.reduce((most, entry) => Math.max(most, lastUseOf(entry)), 0);
      await this.#store.put({ ...known, usedAt: Math.max(today, latest + 1, known.usedAt ?? 0) });
    });
  }

  /** [EN8] Somebody has all of it now. Answers how many by now; null: there is no entry. */
  async delivered(infoHash: InfoHash): Promise<number | null> {
    let count: number | null = null;
    await this.#change(async () => {
      const known = await this.#store.entry(infoHash);
      if (known === null) return;
      count = (known.delivered ?? 0) + 1;
      await this.#store.put({ ...known, delivered: count });
    });
    return count;
  }

  /** Unless what is kept of it cannot go. Whoever asks meanwhile is answered when that is known. */
  forget(infoHash: InfoHash, whenGone: () => Promise<boolean>): Promise<void> {
    return this.#change(async () => {
      if (await whenGone()) await this.#store.remove(infoHash);
    });
  }

  #change(work: () => Promise<void>): Promise<void> {
    this.#changes = this.#changes.then(work);
    return this.#changes;
  }
}

/** Gone with the tab. */
export class MemoryLibrary implements LibraryStore {
  readonly #entries = new Map<InfoHash, LibraryEntry>();

  async entries(): Promise<LibraryEntry[]> {
    return [...this.#entries.values()];
  }

  async entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    return this.#entries.get(infoHash) ?? null;
  }

  async put(entry: LibraryEntry): Promise<void> {
    this.#entries.set(entry.infoHash, entry);
  }

  async remove(infoHash: InfoHash): Promise<void> {
    this.#entries.delete(infoHash);
  }
}
