/**
 * How many bytes were fetched for others on this day ([WS35]), over restarts. Owns that count: it is written down at most
 * every 5 s and at the end. Knows no limit.
 */
import { dayOf } from './activity-store.ts';
import { LENT_LOOK_MS } from './limits.ts';
import type { Clock } from './ports.ts';
import type { LentBytes, SettingsBook } from './settings.ts';

export class LentToday {
  readonly #clock: Pick<Clock, 'today' | 'after'>;
  readonly #book: Pick<SettingsBook, 'change'>;
  #lent: LentBytes = { day: 0, bytes: 0 };
  #cancel: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'today' | 'after'>, book: Pick<SettingsBook, 'change'>) {
    this.#clock = clock;
    this.#book = book;
  }

  /** As it was written down, perhaps by ourselves. */
  read(lent: LentBytes): void {
    if (lent.day > this.#lent.day || (lent.day === this.#lent.day && lent.bytes > this.#lent.bytes))
      this.#lent = lent;
  }

  get bytes(): number {
    return this.#lent.day === dayOf(this.#clock.today()) ? this.#lent.bytes : 0;
  }

  add(bytes: number): void {
    this.#lent = { day: dayOf(this.#clock.today()), bytes: this.bytes + bytes };
    this.#cancel ??= this.#clock.after(LENT_LOOK_MS, () => void this.#write());
  }

  /** Settles when it is written down. */
  async close(): Promise<void> {
    if (this.#cancel !== null) await this.#write();
  }

  async #write(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    await this.#book.change({ lent: this.#lent });
  }
}
