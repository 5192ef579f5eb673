/**
 * What went on in this browser, as the page of activity reads it ([UI22]): the history, the newest rows of the transfer
 * log and as many older ones as were asked for, and the totals. Owns those lists; knows no view and no words.
 */
import { LOGGED_AT_ONCE } from '../../shared/peer/limits.ts';
import type { LogLevel } from '../../shared/peer/settings.ts';
import type { ActivityRecord } from './activity-export.ts';
import type { AskSession, HistoryEntry, LoggedTransfer, Totals } from './session.ts';

/** Rows of the log that are shown at first, and that are added at a press. */
export const LOG_ROWS = 100;

/** What is read anew; what a person is reading may be left as it is. */
export interface Afresh {
  readonly history: boolean;
  readonly log: boolean;
}

export class ActivityLists {
  /** Null until they are known. */
  #history = $state.raw<readonly HistoryEntry[] | null>(null);
  #log = $state.raw<readonly LoggedTransfer[] | null>(null);
  #totals = $state.raw<Totals | null>(null);
  #level = $state.raw<LogLevel | null>(null);
  /** Older rows are there. */
  #isMore = $state.raw(false);
  #today = $state.raw(0);
  #wanted = LOG_ROWS;
  /** One after another: each builds on what the one before it left. */
  #turn: Promise<void> = Promise.resolve();
  readonly #ask: AskSession;
  readonly #now: () => number;

  constructor(ask: AskSession, now: () => number = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  get history(): readonly HistoryEntry[] | null {
    return this.#history;
  }

  get log(): readonly LoggedTransfer[] | null {
    return this.#log;
  }

  get isMore(): boolean {
    return this.#isMore;
  }

  get totals(): Totals | null {
    return this.#totals;
  }

  get level(): LogLevel | null {
    return this.#level;
  }

  /** ms since 1970 when the totals were read. */
  get today(): number {
    return this.#today;
  }

  refresh(afresh: Afresh = { history: true, log: true }): Promise<void> {
    return this.#next(async () => {
      await Promise.all([
        this.#readTotals(),
        ...(afresh.history ? [this.#readHistory()] : []),
        ...(afresh.log ? [this.#readNewest()] : []),
      ]);
    });
  }

  /** Older rows of the log. */
  showMore(): Promise<void> {
    return this.#next(async () => {
      const shown = this.#log ?? [];
      const before = shown.at(-1)?.id;
      if (before === undefined) return;
      const older = await this.#ask((session) => session.transferLog({ before, limit: LOG_ROWS + 1 }));
      if (older === null) return;
      this.#wanted = shown.length + LOG_ROWS;
      this.#isMore = older.length > LOG_ROWS;
      this.#log = [...shown, ...older.slice(0, LOG_ROWS)];
    });
  }

  async clear(): Promise<void> {
    await this.#ask((session) => session.clearHistory());
    await this.#next(() => this.#readHistory());
  }

  /** All of everything, as it is now; null: there is no answer. */
  async record(): Promise<ActivityRecord | null> {
    const [history, totals, transfers] = await Promise.all([
      this.#ask((session) => session.history()),
      this.#ask((session) => session.totals()),
      this.#wholeLog(),
    ]);
    return history === null || totals === null || transfers === null ? null : { history, totals, transfers };
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work);
    return this.#turn;
  }

  async #readTotals(): Promise<void> {
    const [totals, settings] = await Promise.all([
      this.#ask((session) => session.totals()),
      this.#ask((session) => session.settings()),
    ]);
    this.#totals = totals ?? this.#totals;
    this.#level = settings?.logLevel ?? this.#level;
    this.#today = this.#now();
  }

  async #readHistory(): Promise<void> {
    this.#history = (await this.#ask((session) => session.history())) ?? this.#history;
  }

  async #readNewest(): Promise<void> {
    const limit = Math.min(this.#wanted + 1, LOGGED_AT_ONCE);
    const newest = await this.#ask((session) => session.transferLog({ limit }));
    if (newest === null) return;
    const merged = withNewest(this.#log ?? [], newest);
    const isNew = merged === newest;
    if (isNew) this.#wanted = LOG_ROWS;
    this.#isMore = merged.length > this.#wanted || (!isNew && this.#isMore);
    this.#log = merged.slice(0, this.#wanted);
  }

  async #wholeLog(): Promise<readonly LoggedTransfer[] | null> {
    const all: LoggedTransfer[] = [];
    for (;;) {
      const before = all.at(-1)?.id;
      const page = await this.#ask((session) =>
        session.transferLog({ limit: LOGGED_AT_ONCE, ...(before === undefined ? {} : { before }) }),
      );
      if (page === null) return null;
      all.push(...page);
      if (page.length < LOGGED_AT_ONCE) return all;
    }
  }
}

/** What is shown, behind what is newer; `newest` alone where rows between them are missing. */
function withNewest(
  shown: readonly LoggedTransfer[],
  newest: readonly LoggedTransfer[],
): readonly LoggedTransfer[] {
  const first = shown[0]?.id;
  const at = newest.findIndex(({ id }) => id === first);
  return at < 0 ? newest : [...newest.slice(0, at), ...shown];
}
