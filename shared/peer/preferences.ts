/**
 * What follows at once from what the person has set ([LB14]): limits of the rate and of connections, which every machine
 * is told, now and when it begins; and what others ask. Owns what is known of the settings. Keeps nothing itself.
 */
import type { Input } from '../engine/io.ts';
import { PeerRateLimits } from './rate-limits.ts';
import type { LogLevel, Settings, SettingsBook } from './settings.ts';
import type { LimitOutcome, RateLimits } from './verbs.ts';

export interface PreferencesHost {
  /** Of the machines of all shares. */
  tellAll(input: Input): void;
  logLevelChanged(): void;
}

export class Preferences {
  readonly rates = new PeerRateLimits();
  readonly #host: PreferencesHost;
  readonly #known: Promise<void>;
  #now: Settings | null = null;

  constructor(book: Pick<SettingsBook, 'current'>, host: PreferencesHost) {
    this.#host = host;
    this.#known = book.current().then((settings) => {
      // Else one was changed before, and it was told how all of them are.
      if (this.#now === null) this.changed(settings);
    });
  }

  /** How all of them are. */
  changed(now: Settings): void {
    const before = this.#now;
    this.#now = now;
    const { upLimit: up, downLimit: down } = now;
    if (up !== (before?.upLimit ?? null) || down !== (before?.downLimit ?? null)) {
      this.limit({ ...this.rates.rates, up, down });
    }
    if (now.peersPerShare !== (before?.peersPerShare ?? null)) this.#host.tellAll(this.#mostLinks);
    if (before !== null && now.logLevel !== before.logLevel) this.#host.logLevelChanged();
  }

  /** Holds until it is limited anew, or the person sets other limits. */
  limit(limits: RateLimits): LimitOutcome {
    const said = this.rates.change(limits);
    if (said === null) return 'refused';
    this.#host.tellAll(said);
    return 'set';
  }

  /** What a machine that begins now has to be told. */
  get said(): readonly Input[] {
    return [this.rates.said, this.#mostLinks];
  }

  /** Null: it is not known yet. */
  get logLevel(): LogLevel | null {
    return this.#now?.logLevel ?? null;
  }

  get keepsSharing(): boolean {
    return this.#now?.keepSharing !== false;
  }

  /** Nothing is to be connected before this is known. */
  async relayOnly(): Promise<boolean> {
    await this.#known;
    return this.#now?.relayOnly === true;
  }

  get #mostLinks(): Input {
    return { kind: 'link-limit-changed', most: this.#now?.peersPerShare ?? null };
  }
}
