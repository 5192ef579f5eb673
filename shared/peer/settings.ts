/**
 * What a person has set for this browser, kept over restarts. What is stored may be of another version, or nothing at
 * all: each setting that is none there is as it is at first. Knows nothing of what follows from them.
 */
import * as v from 'valibot';
import { MAX_HOST_LENGTH, MOST_LINKS_TO_SET } from '../limits.ts';
import { MOST_LEND_HOSTS, MOST_LIMIT } from './limits.ts';

/** [LB12] Of which pieces the transfer log has a row: none, those that were not right, or all of them. */
export type LogLevel = 'off' | 'errors' | 'all';
export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  /** [LB6] Whether small shares of one's own are copied into the store. */
  readonly keepSmallCopies: boolean;
  /** Up to how many bytes a share is small. */
  readonly smallCopyBytes: number;
  /** [LB9] Days after its last use in which a finished share is kept; null: as long as there is no other reason. */
  readonly keepDays: number | null;
  /** [LB9] Bytes that all shares may take together; null: no limit. */
  readonly mostBytes: number | null;
  /** [LB14] Bytes a second of all shares together; null: no limit. */
  readonly upLimit: number | null;
  readonly downLimit: number | null;
  /** [LB14] Connections of one share at most; null: as many as it has by itself. */
  readonly peersPerShare: number | null;
  /** [LB14] Whether a download is shared on when it was saved; 'ask': the person was not asked yet, and it is. */
  readonly keepSharing: boolean | 'ask';
  /** [LB14] Whether connections go through a relay server alone. */
  readonly relayOnly: boolean;
  /** Whether the person is told by the system that a download is complete. */
  readonly notify: boolean;
  readonly theme: Theme;
  readonly logLevel: LogLevel;
  /** [WS35] Whether this peer fetches files from servers on the web for others … */
  readonly lend: boolean;
  /** … at most so many bytes a day; null: no limit … */
  readonly lendDailyBytes: number | null;
  /** … from these hosts and those below them; empty: from all. */
  readonly lendHosts: readonly string[];
  /** Set by nobody: what came of that limit so far. */
  readonly lent: LentBytes;
}

/** [WS35] Bytes that were fetched for others on one day, which begins at `day`, in ms since 1970. */
export interface LentBytes {
  readonly day: number;
  readonly bytes: number;
}

export const FIRST_SETTINGS: Settings = {
  keepSmallCopies: true,
  smallCopyBytes: 64_000_000,
  keepDays: null,
  mostBytes: null,
  upLimit: null,
  downLimit: null,
  peersPerShare: null,
  keepSharing: 'ask',
  relayOnly: false,
  notify: false,
  theme: 'system',
  logLevel: 'all',
  lend: false,
  lendDailyBytes: null,
  lendHosts: [],
  lent: { day: 0, bytes: 0 },
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
  const Rate = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MOST_LIMIT));
  const Peers = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(MOST_LINKS_TO_SET));
  const Host = v.pipe(v.string(), v.regex(/^[a-z0-9.-]+$/), v.maxLength(MAX_HOST_LENGTH));
  const Hosts = v.pipe(v.array(Host), v.maxLength(MOST_LEND_HOSTS));
  const Stored = v.object({
    keepSmallCopies: v.fallback(v.boolean(), otherwise.keepSmallCopies),
    smallCopyBytes: v.fallback(Bytes, otherwise.smallCopyBytes),
    keepDays: v.fallback(v.nullable(Days), otherwise.keepDays),
    mostBytes: v.fallback(v.nullable(Bytes), otherwise.mostBytes),
    upLimit: v.fallback(v.nullable(Rate), otherwise.upLimit),
    downLimit: v.fallback(v.nullable(Rate), otherwise.downLimit),
    peersPerShare: v.fallback(v.nullable(Peers), otherwise.peersPerShare),
    keepSharing: v.fallback(v.union([v.boolean(), v.literal('ask')]), otherwise.keepSharing),
    relayOnly: v.fallback(v.boolean(), otherwise.relayOnly),
    notify: v.fallback(v.boolean(), otherwise.notify),
    theme: v.fallback(v.picklist(['system', 'light', 'dark']), otherwise.theme),
    logLevel: v.fallback(v.picklist(['off', 'errors', 'all']), otherwise.logLevel),
    lend: v.fallback(v.boolean(), otherwise.lend),
    lendDailyBytes: v.fallback(v.nullable(Bytes), otherwise.lendDailyBytes),
    lendHosts: v.fallback(Hosts, otherwise.lendHosts),
    lent: v.fallback(v.object({ day: Bytes, bytes: Bytes }), otherwise.lent),
  });
  const read = v.safeParse(Stored, stored);
  return read.success ? read.output : otherwise;
}

/** Changes are written one after another, each on what stands there by then. */
export class SettingsBook {
  readonly #store: SettingsStore;
  readonly #changed: (settings: Settings) => void;
  #changes: Promise<unknown> = Promise.resolve();

  /** `changed` is told how all of them are after each change. */
  constructor(store: SettingsStore, changed: (settings: Settings) => void = () => undefined) {
    this.#store = store;
    this.#changed = changed;
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
      const now = settingsFrom(await this.#store.read());
      this.#changed(now);
      return now;
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
