/**
 * What is kept of what went on ([LB11]–[LB13]): the history of shares, the log of pieces and the totals of each day. It
 * outlives the shares. Two implementations, one contract suite (`contracts/activity-store.ts`).
 */
import type { InfoHash } from '../ids.ts';
import type { ShareRole } from './library-store.ts';
import { DAY_MS, LOGGED_AT_ONCE, MOST_DAYS, MOST_HISTORY_ROWS, MOST_LOGGED_ROWS } from './limits.ts';

/** `store`: what came could not be kept. `source`: files of our own could not be read. `broken`: a fault of ours. */
/** `other-file`: what is at its web address is another file ([WS12] [WS26]). */
export type FailedWhy = 'store' | 'source' | 'broken' | 'other-file';
export type HistoryEnd = { kind: 'finished' } | { kind: 'cancelled' } | { kind: 'failed'; why: FailedWhy };

/** A download from its beginning to its end, or a share that was made here. Times in ms since 1970. */
export interface HistoryRow {
  readonly infoHash: InfoHash;
  readonly role: ShareRole;
  /** As the manifest has it; empty while that is not known. */
  readonly name: string;
  readonly totalBytes: number;
  readonly begunAt: number;
  /** Null: it goes on. */
  readonly end: HistoryEnd | null;
  readonly endedAt: number | null;
  /** Over the network: not what was here already. What is sent after the end counts, too. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** ms in which the bytes of its role moved, pauses left out. */
  readonly movedMs: number;
}

export interface KeptHistoryRow extends HistoryRow {
  /** Grows with each row. */
  readonly id: number;
}

/** A piece that came from a peer, as far as that sent it, or what a peer was sent of one. */
export interface TransferRow {
  /** ms since 1970 of its last byte. */
  readonly at: number;
  readonly direction: 'down' | 'up';
  /** The first digits of the peer's id. */
  readonly peer: string;
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly piece: number;
  readonly bytes: number;
  /** False: the piece was not what the manifest says. */
  readonly isRight: boolean;
}

export interface LoggedTransfer extends TransferRow {
  readonly id: number;
}

/** Bytes of pieces over the network. */
export interface Traffic {
  readonly down: number;
  readonly up: number;
}

export interface DayTraffic extends Traffic {
  /** ms since 1970 of the beginning of the day in UTC. */
  readonly day: number;
}

export interface Totals extends Traffic {
  /** Days on which something moved, the earliest first. */
  readonly days: readonly DayTraffic[];
}

/** `before`: the id of the last row of the page before; left out: the newest rows. */
export interface LogPage {
  readonly before?: number;
  readonly limit: number;
}

/** What is written together. */
export interface ActivityBatch {
  readonly transfers: readonly TransferRow[];
  /** `id`: of the row that it takes the place of, as long as that is there; null: a new one. */
  readonly history: readonly { readonly id: number | null; readonly row: HistoryRow }[];
  /** What is to be added, the present day last. */
  readonly traffic: readonly DayTraffic[];
}

/** No verb rejects because of the world: what cannot be kept is as if it had not been put. */
export interface ActivityStore {
  /** All of it or nothing. Answers the ids of the history's rows, in their order; null: it cannot be written. */
  write(batch: ActivityBatch): Promise<readonly number[] | null>;
  /** The newest first, also what goes on. */
  history(): Promise<KeptHistoryRow[]>;
  /** All that has ended. */
  clearHistory(): Promise<void>;
  /** The newest first. */
  transfers(page: LogPage): Promise<LoggedTransfer[]>;
  totals(): Promise<Totals>;
  /** All of everything. */
  forget(): Promise<void>;
}

export const NO_TOTALS: Totals = { down: 0, up: 0, days: [] };

export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Of too many days those go that are farthest from the last one that is added: a clock may have been anywhere. */
export function totalsWith({ down, up, days }: Totals, added: readonly DayTraffic[]): Totals {
  const all = new Map(days.map((one) => [one.day, one]));
  for (const one of added) {
    const before = all.get(one.day) ?? { down: 0, up: 0 };
    all.set(one.day, { day: one.day, down: before.down + one.down, up: before.up + one.up });
  }
  const now = added.at(-1)?.day ?? 0;
  const near = [...all.values()].sort((a, b) => Math.abs(a.day - now) - Math.abs(b.day - now));
  return {
    down: added.reduce((sum, one) => sum + one.down, down),
    up: added.reduce((sum, one) => sum + one.up, up),
    days: near.slice(0, MOST_DAYS).sort((a, b) => a.day - b.day),
  };
}

/** Ids of rows that are too many: the oldest of what has ended, and, counted apart, of what goes on. */
export function historyBeyond(rows: readonly KeptHistoryRow[]): number[] {
  const newestFirst = [...rows].sort((one, other) => other.id - one.id);
  return [true, false].flatMap((isOver) =>
    newestFirst
      .filter(({ end }) => (end !== null) === isOver)
      .slice(MOST_HISTORY_ROWS)
      .map(({ id }) => id),
  );
}

/** A page as it can be answered, whatever was asked. */
export function pageAsked({ before, limit }: LogPage): { readonly before: number; readonly limit: number } {
  return {
    before: typeof before === 'number' && !Number.isNaN(before) ? before : Infinity,
    limit: Number.isSafeInteger(limit) ? Math.min(Math.max(limit, 1), LOGGED_AT_ONCE) : LOGGED_AT_ONCE,
  };
}

/** Gone with the tab. */
export class MemoryActivity implements ActivityStore {
  #history = new Map<number, HistoryRow>();
  #transfers: LoggedTransfer[] = [];
  #totals = NO_TOTALS;
  #ids = 0;

  async write({ transfers, history, traffic }: ActivityBatch): Promise<readonly number[]> {
    this.#transfers.push(...transfers.map((row) => ({ ...row, id: ++this.#ids })));
    this.#transfers = this.#transfers.slice(-MOST_LOGGED_ROWS);
    if (traffic.length > 0) this.#totals = totalsWith(this.#totals, traffic);
    const ids = history.map(({ id, row }) => {
      if (id === null || this.#history.has(id)) this.#history.set(id ?? ++this.#ids, row);
      return id ?? this.#ids;
    });
    for (const id of historyBeyond(this.#rows())) this.#history.delete(id);
    return ids;
  }

  async history(): Promise<KeptHistoryRow[]> {
    return this.#rows().sort((one, other) => other.id - one.id);
  }

  async clearHistory(): Promise<void> {
    for (const { id, end } of this.#rows()) if (end !== null) this.#history.delete(id);
  }

  async transfers(page: LogPage): Promise<LoggedTransfer[]> {
    const { before, limit } = pageAsked(page);
    return this.#transfers
      .filter(({ id }) => id < before)
      .slice(-limit)
      .reverse();
  }

  async totals(): Promise<Totals> {
    return this.#totals;
  }

  async forget(): Promise<void> {
    this.#history.clear();
    this.#transfers = [];
    this.#totals = NO_TOTALS;
  }

  #rows(): KeptHistoryRow[] {
    return [...this.#history].map(([id, row]) => ({ ...row, id }));
  }
}
