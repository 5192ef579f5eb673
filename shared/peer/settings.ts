/**
 * What a person has set for this browser, kept over restarts. What is stored may be of another version, or nothing at
 * all: each setting that is none there is as it is at first. Knows nothing of what follows from them.
 */
import * as v from 'valibot';

export interface Settings {
  /** [LB6] Whether small shares of one's own are copied into the store. */
  readonly keepSmallCopies: boolean;
  /** Up to how many bytes a share is small. */
  readonly smallCopyBytes: number;
  /** [LB9] Days after its last use in which a finished share is kept; null: as long as there is no other reason. */
  readonly keepDays: number | null;
  /** [LB9] Bytes that all shares may take together; null: no limit. */
  readonly mostBytes: number | null;
}

export const FIRST_SETTINGS: Settings = {
  keepSmallCopies: true,
  smallCopyBytes: 64_000_000,
  keepDays: null,
  mostBytes: null,
};

/** Where they are kept. No verb rejects because of the world: what cannot be kept is as if it had not been set. */
export interface SettingsStore {
  /** Whatever is there, which may be anything. */
  read(): Promise<unknown>;
  write(settings: Settings): Promise<void>;
}

/** What is no setting in `stored` is as in `otherwise`. */
export function settingsFrom(stored: unknown, otherwise: Settings = FIRST_SETTINGS): Settings {
  const Bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
  const Days = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
  const Stored = v.object({
    keepSmallCopies: v.fallback(v.boolean(), otherwise.keepSmallCopies),
    smallCopyBytes: v.fallback(Bytes, otherwise.smallCopyBytes),
    keepDays: v.fallback(v.nullable(Days), otherwise.keepDays),
    mostBytes: v.fallback(v.nullable(Bytes), otherwise.mostBytes),
  });
  const read = v.safeParse(Stored, stored);
  return read.success ? read.output : otherwise;
}

/** Changes are written one after another, each on what stands there by then. */
export class SettingsBook {
  readonly #store: SettingsStore;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(store: SettingsStore) {
    this.#store = store;
  }

  async current(): Promise<Settings> {
    await this.#changes;
    return settingsFrom(await this.#store.read());
  }

  /** What is no setting in it changes nothing. Answers how all of them are now. */
  change(change: Partial<Settings>): Promise<Settings> {
    const changed = this.#changes.then(async () => {
      const before = settingsFrom(await this.#store.read());
      await this.#store.write(settingsFrom({ ...before, ...change }, before));
      return settingsFrom(await this.#store.read());
    });
    this.#changes = changed;
    return changed;
  }
}

/** Gone with the tab. */
export class MemorySettings implements SettingsStore {
  #settings: Settings | null = null;

  async read(): Promise<unknown> {
    return this.#settings;
  }

  async write(settings: Settings): Promise<void> {
    this.#settings = settings;
  }
}
