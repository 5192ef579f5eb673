import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { NO_TOTALS } from '../../../shared/peer/activity-store.ts';
import type {
  ActivityBatch,
  ActivityStore,
  HistoryRow,
  TransferRow,
} from '../../../shared/peer/activity-store.ts';
import { activityRules } from '../../../shared/peer/contracts/activity-store.ts';
import { ONE } from '../../../shared/peer/contracts/filled-piece.ts';
import { FIRST_SETTINGS } from '../../../shared/peer/settings.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

async function all() {
  const opening = await openIndexedDbStore('shoal');
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening;
}

async function opened(): Promise<ActivityStore> {
  return (await all()).activity;
}

const PIECE: TransferRow = {
  ...{ at: 5, direction: 'down', peer: 'ab12cd34', infoHash: ONE },
  ...{ name: 'a', piece: 1, bytes: 7, isRight: true },
};
const ROW: HistoryRow = {
  ...{ infoHash: ONE, role: 'receiving', name: 'a', totalBytes: 7 },
  ...{ begunAt: 1, end: null, endedAt: null, receivedBytes: 0, sentBytes: 0, movedMs: 0 },
};
const BATCH: ActivityBatch = {
  transfers: [PIECE],
  history: [{ id: null, row: ROW }],
  traffic: [{ day: 0, down: 7, up: 0 }],
};

describe('what went on, in IndexedDB', () => {
  test.each(activityRules)('$name', ({ check }) => check(opened), 60_000);

  test('[ST5] [ST15] what finds no room is as if it had not been put, all of it', async () => {
    const store = await opened();
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('the disk is full', 'QuotaExceededError');
    });
    expect(await store.write(BATCH)).toBeNull();
    expect([await store.history(), await store.transfers({ limit: 9 })]).toEqual([[], []]);
    expect(await store.totals()).toEqual(NO_TOTALS);
    put.mockRestore();
    expect(await store.write(BATCH)).toHaveLength(1);
  });

  test('[ST5] reads as empty where it cannot be reached', async () => {
    const { activity, store, erase } = await all();
    await activity.write(BATCH);
    store.close();
    expect([await activity.history(), await activity.transfers({ limit: 9 })]).toEqual([[], []]);
    expect([await activity.totals(), await activity.write(BATCH)]).toEqual([NO_TOTALS, null]);
    await activity.clearHistory();
    await activity.forget();
    expect(await erase()).toBe('not-forgotten');
  });
});

describe('[LB16] a database that is erased', () => {
  test('[LB16] has nothing in any store but the mark that a session runs', async () => {
    const { activity, library, settings, marks, store, erase } = await all();
    await marks.begun([]);
    await activity.write(BATCH);
    await settings.write({ ...FIRST_SETTINGS, theme: 'dark' });
    await store.putShare({ infoHash: ONE, manifest: new Uint8Array([1]), addedAt: 1 });
    await library.put({
      ...{ infoHash: ONE, role: 'receiving', intent: 'sharing', name: 'a', totalBytes: 7 },
      ...{ fileCount: 1, addedAt: 1, finishedAt: null, savedAt: null },
    });
    expect(await erase()).toBe('forgotten');
    const database = await openDB('shoal');
    const left: unknown[] = [];
    for (const name of database.objectStoreNames) {
      for (const key of await database.getAllKeys(name)) left.push([name, key]);
    }
    database.close();
    expect(left).toEqual([['settings', 'session-running']]);
    await activity.write(BATCH);
    expect(await activity.history()).toHaveLength(1);
  });
});
