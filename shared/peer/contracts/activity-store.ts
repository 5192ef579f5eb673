/** The promises of an `ActivityStore` ([LB11]–[LB13]), for every implementation. */
import type { ActivityBatch, ActivityStore, DayTraffic, HistoryRow, TransferRow } from '../activity-store.ts';
import { NO_TOTALS } from '../activity-store.ts';
import { DAY_MS, LOGGED_AT_ONCE, MOST_DAYS, MOST_HISTORY_ROWS, MOST_LOGGED_ROWS } from '../limits.ts';
import { ONE, TWO } from './filled-piece.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

/** Opens the rule's store, again if it was opened before. */
export type OpenActivity = () => Promise<ActivityStore>;

export interface ActivityRule extends Rule<OpenActivity> {
  /** Only for those that keep what is in them when they are opened anew. */
  readonly lastingOnly?: boolean;
}

const NOW = 1_764_115_200_000;

function rowOf(more: Partial<HistoryRow> = {}): HistoryRow {
  return {
    ...{ infoHash: ONE, role: 'receiving', name: 'Ferien \u202e π', totalBytes: 2 ** 40 },
    ...{ begunAt: NOW, end: null, endedAt: null, receivedBytes: 0, sentBytes: 0, movedMs: 0 },
    ...more,
  };
}

const FINISHED: Partial<HistoryRow> = { end: { kind: 'finished' }, endedAt: NOW + 5 };

function transferOf(piece: number): TransferRow {
  const what = { infoHash: TWO, name: 'a', piece, bytes: 16_384, isRight: true };
  return { at: NOW, direction: 'up', peer: 'ab12cd34', ...what };
}

function batchOf(more: Partial<ActivityBatch>): ActivityBatch {
  return { transfers: [], history: [], traffic: [], ...more };
}

async function add(store: ActivityStore, ...rows: HistoryRow[]): Promise<readonly number[]> {
  return (await store.write(batchOf({ history: rows.map((row) => ({ id: null, row })) }))) ?? [];
}

async function namesIn(store: ActivityStore): Promise<string[]> {
  return (await store.history()).map(({ name }) => name);
}

async function piecesIn(store: ActivityStore, before?: number, limit = 100): Promise<number[]> {
  const page = before === undefined ? { limit } : { before, limit };
  return (await store.transfers(page)).map(({ piece }) => piece);
}

const historyRules: readonly ActivityRule[] = [
  {
    name: '[LB11] [LB12] [LB13] has nothing at first',
    check: async (open) => {
      const store = await open();
      same(await store.history(), [], 'history');
      same(await store.transfers({ limit: 10 }), [], 'log');
      same(await store.totals(), NO_TOTALS, 'totals');
      await store.clearHistory();
      await store.forget();
    },
  },
  {
    name: '[LB11] gives back rows with their ids, the newest first, and the latest of each',
    check: async (open) => {
      const store = await open();
      const [first] = await add(store, rowOf(), rowOf({ name: 'second' }));
      const last = rowOf(FINISHED);
      const [again] = (await store.write(batchOf({ history: [{ id: first ?? 0, row: last }] }))) ?? [];
      same(again, first, 'its id');
      const [newer, older] = await store.history();
      same(newer?.name, 'second', 'the newer one');
      same(older, { ...last, id: first }, 'the one that was put twice');
    },
  },
  {
    name: '[LB11] forgets what has ended, and puts nothing in its place',
    check: async (open) => {
      const store = await open();
      const [, ended] = await add(store, rowOf({ name: 'runs' }), rowOf(FINISHED));
      await store.clearHistory();
      await store.write(batchOf({ history: [{ id: ended ?? 0, row: rowOf(FINISHED) }] }));
      same(await namesIn(store), ['runs'], 'what is left');
    },
  },
  {
    name: '[LB11] keeps the last 1,000 that have ended, and what goes on',
    check: async (open) => {
      const store = await open();
      const ended = Array.from({ length: MOST_HISTORY_ROWS }, (_, nth) =>
        rowOf({ ...FINISHED, name: `${nth}` }),
      );
      await add(store, rowOf({ name: 'runs' }), ...ended);
      await add(store, rowOf({ ...FINISHED, name: 'last' }));
      const names = await namesIn(store);
      same([names.length, names[0]], [MOST_HISTORY_ROWS + 1, 'last'], 'the newest');
      same(names.slice(-2), ['1', 'runs'], 'the oldest');
    },
  },
];

const logRules: readonly ActivityRule[] = [
  {
    name: '[LB12] tells the log in pages, the newest first',
    check: async (open) => {
      const store = await open();
      await store.write(batchOf({ transfers: [1, 2, 3].map(transferOf) }));
      await store.write(batchOf({ transfers: [4, 5].map(transferOf) }));
      const page = await store.transfers({ limit: 2 });
      const [, last] = page;
      same({ ...page[0] }, { ...transferOf(5), id: page[0]?.id }, 'the newest row');
      same(await piecesIn(store, last?.id, 2), [3, 2], 'the page behind it');
      same(await piecesIn(store, (await store.transfers({ limit: 9 })).at(-1)?.id), [], 'behind the last');
    },
  },
  {
    name: '[LB12] keeps the last 10,000 rows, and tells 1,000 at once, whatever is asked for',
    check: async (open) => {
      const store = await open();
      const pieces = Array.from({ length: MOST_LOGGED_ROWS }, (_, piece) => piece);
      await store.write(batchOf({ transfers: pieces.map(transferOf) }));
      await store.write(batchOf({ transfers: [transferOf(MOST_LOGGED_ROWS)] }));
      const all: number[] = [];
      let page = await store.transfers({ limit: Infinity });
      same(page.length, LOGGED_AT_ONCE, 'a page');
      for (; page.length > 0; page = await store.transfers({ before: page.at(-1)?.id ?? 0, limit: 1e9 })) {
        all.push(...page.map(({ piece }) => piece));
      }
      same([all.length, all[0], all.at(-1)], [MOST_LOGGED_ROWS, MOST_LOGGED_ROWS, 1], 'all rows');
      same((await piecesIn(store, NaN, -5)).length, 1, 'a page that is none');
    },
  },
];

const totalsRules: readonly ActivityRule[] = [
  {
    name: '[LB13] adds up what moved, of each day and in all',
    check: async (open) => {
      const store = await open();
      const day = (nth: number, down: number, up: number): DayTraffic => ({ day: nth * DAY_MS, down, up });
      await store.write(batchOf({ traffic: [day(7, 1, 2), day(8, 10, 20)] }));
      await store.write(batchOf({ traffic: [day(8, 100, 200)] }));
      same(await store.totals(), { down: 111, up: 222, days: [day(7, 1, 2), day(8, 110, 220)] }, 'totals');
    },
  },
  {
    name: '[LB13] keeps 90 days, those that are nearest, and what all of them had',
    check: async (open) => {
      const store = await open();
      const days = Array.from({ length: MOST_DAYS }, (_, nth) => ({ day: nth * DAY_MS, down: 1, up: 0 }));
      await store.write(batchOf({ traffic: days }));
      // A clock that was set back by a year, and right again.
      await store.write(batchOf({ traffic: [{ day: -365 * DAY_MS, down: 1, up: 0 }] }));
      await store.write(batchOf({ traffic: [{ day: MOST_DAYS * DAY_MS, down: 1, up: 0 }] }));
      const totals = await store.totals();
      same([totals.down, totals.days.length], [MOST_DAYS + 2, MOST_DAYS], 'all bytes and days');
      same(totals.days.at(-1)?.day, MOST_DAYS * DAY_MS, 'the last day');
      same((totals.days[0]?.day ?? -1) >= 0, true, 'the far day is gone');
    },
  },
];

const lastingRules: readonly ActivityRule[] = [
  {
    name: '[LB16] forgets all of it',
    check: async (open) => {
      const store = await open();
      await add(store, rowOf(), rowOf(FINISHED));
      await store.write(batchOf({ transfers: [transferOf(1)], traffic: [{ day: 0, down: 1, up: 1 }] }));
      await store.forget();
      same(await store.history(), [], 'history');
      same(await piecesIn(store), [], 'log');
      same(await store.totals(), NO_TOTALS, 'totals');
    },
  },
  {
    name: '[LB11] [LB12] [LB13] has everything when it is opened again',
    lastingOnly: true,
    check: async (open) => {
      const before = await open();
      await add(before, rowOf(FINISHED));
      await before.write(batchOf({ transfers: [transferOf(1)], traffic: [{ day: 0, down: 1, up: 2 }] }));
      const store = await open();
      same(await namesIn(store), [rowOf().name], 'history');
      same(await piecesIn(store), [1], 'log');
      same((await store.totals()).up, 2, 'totals');
    },
  },
];

export const activityRules: readonly ActivityRule[] = [
  ...historyRules,
  ...logRules,
  ...totalsRules,
  ...lastingRules,
];
