/**
 * [LB11]–[LB13] The history, the transfer log and the totals in IndexedDB ([ST15]). What cannot be written or read is as
 * if it were not there ([ST5]).
 */
import type {
  ActivityBatch,
  ActivityStore,
  HistoryRow,
  KeptHistoryRow,
  LoggedTransfer,
  LogPage,
  Totals,
  TransferRow,
} from '../../../shared/peer/activity-store.ts';
import { historyBeyond, NO_TOTALS, pageAsked, totalsWith } from '../../../shared/peer/activity-store.ts';
import { MOST_HISTORY_ROWS, MOST_LOGGED_ROWS } from '../../../shared/peer/limits.ts';
import type { Connection } from './connection.ts';
import { abort, beginNoting } from './schema.ts';
import type { NotedReading, Noting } from './schema.ts';
import { inOne, settled } from './settled.ts';

/** Among the settings. */
const TOTALS = 'totals';

export class IndexedDbActivity implements ActivityStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async write({ transfers, history, traffic }: ActivityBatch): Promise<readonly number[] | null> {
    let ids: readonly number[] = [];
    const outcome = await this.#connection.writing(async (database) => {
      const transaction = beginNoting(database, 'readwrite');
      const written = inOne([
        () => putTransfers(transaction, transfers),
        () => putTotals(transaction, traffic),
        async () => {
          ids = await putHistory(transaction, history);
        },
      ]);
      // Also what the browser refused to take at all: what was taken would be written without it.
      written.catch(() => abort(transaction));
      await settled([written, transaction.done]);
    });
    return outcome.kind === 'stored' ? ids : null;
  }

  history(): Promise<KeptHistoryRow[]> {
    return this.#connection.reading(
      async (database) => (await historyIn(beginNoting(database, 'readonly'))).reverse(),
      [],
    );
  }

  async clearHistory(): Promise<void> {
    await this.#connection.writing(async (database) => {
      const transaction = beginNoting(database, 'readwrite');
      const ended = (await historyIn(transaction)).filter(({ end }) => end !== null);
      await settled([deleteRows(transaction, ended), transaction.done]);
    });
  }

  transfers(page: LogPage): Promise<LoggedTransfer[]> {
    const { before, limit } = pageAsked(page);
    return this.#connection.reading(async (database) => {
      const store = beginNoting(database, 'readonly').objectStore('transfers');
      const rows: LoggedTransfer[] = [];
      let cursor = await store.openCursor(IDBKeyRange.upperBound(before, true), 'prev');
      while (cursor !== null && rows.length < limit) {
        rows.push({ ...cursor.value, id: cursor.key });
        cursor = await cursor.continue();
      }
      return rows;
    }, []);
  }

  totals(): Promise<Totals> {
    return this.#connection.reading((database) => totalsIn(beginNoting(database, 'readonly')), NO_TOTALS);
  }

  async forget(): Promise<void> {
    await this.#connection.writing(async (database) => {
      const transaction = beginNoting(database, 'readwrite');
      const gone = inOne([
        () => transaction.objectStore('history').clear(),
        () => transaction.objectStore('transfers').clear(),
        () => transaction.objectStore('settings').delete(TOTALS),
      ]);
      await settled([gone, transaction.done]);
    });
  }
}

/** Ids follow one another: which rows are too many is known by the last one. */
async function putTransfers(noting: Noting, rows: readonly TransferRow[]): Promise<void> {
  if (rows.length === 0) return;
  const store = noting.objectStore('transfers');
  const ids = await inOne(rows.map((row) => () => store.add(row)));
  await store.delete(IDBKeyRange.upperBound((ids.at(-1) ?? 0) - MOST_LOGGED_ROWS));
}

async function putTotals(noting: Noting, traffic: ActivityBatch['traffic']): Promise<void> {
  if (traffic.length === 0) return;
  const totals = totalsWith(await totalsIn(noting), traffic);
  await noting.objectStore('settings').put(totals, TOTALS);
}

async function putHistory(noting: Noting, rows: ActivityBatch['history']): Promise<number[]> {
  if (rows.length === 0) return [];
  const store = noting.objectStore('history');
  const ids = await inOne(
    rows.map(
      ({ id, row }) =>
        () =>
          putRow(noting, id, row),
    ),
  );
  if ((await store.count()) > MOST_HISTORY_ROWS) {
    const rows = await historyIn(noting);
    await inOne(historyBeyond(rows).map((id) => () => store.delete(id)));
  }
  return ids;
}

/** In the place of one that is gone meanwhile nothing is put. */
async function putRow(noting: Noting, id: number | null, row: HistoryRow): Promise<number> {
  const store = noting.objectStore('history');
  if (id === null) return store.add(row);
  if ((await store.getKey(id)) !== undefined) await store.put(row, id);
  return id;
}

/** The oldest first. */
async function historyIn(noting: Noting | NotedReading): Promise<KeptHistoryRow[]> {
  const store = noting.objectStore('history');
  const [ids, rows] = await inOne([() => store.getAllKeys(), () => store.getAll()]);
  return rows.map((row, at) => ({ ...row, id: ids[at] ?? 0 }));
}

async function deleteRows(noting: Noting, rows: readonly KeptHistoryRow[]): Promise<void> {
  const store = noting.objectStore('history');
  await inOne(
    rows.map(
      ({ id }) =>
        () =>
          store.delete(id),
    ),
  );
}

async function totalsIn(noting: Noting | NotedReading): Promise<Totals> {
  return ((await noting.objectStore('settings').get(TOTALS)) as Totals | undefined) ?? NO_TOTALS;
}
