import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { BROWSERS } from './fresh.fixture.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { DATABASE_VERSION } from './schema.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { openStore } from './open-store.ts';
import { pieceStoreRules } from '../../../shared/peer/contracts/piece-store.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';

const SHARE = 'c3'.repeat(32) as InfoHash;
const PIECE = { piece: 1, sha256: '01'.repeat(32), bytes: new Uint8Array([1, 2, 3]) };
const OTHER = { piece: 2, sha256: '02'.repeat(32), bytes: new Uint8Array([4, 5]) };

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

async function opened(name = 'shoal'): Promise<PieceStore> {
  const opening = await openIndexedDbStore(name);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening.store;
}

test('[RQ7] [ST3] it says how much may wait for it, and how much together is worth a short wait', async () => {
  const store = await opened();
  expect(store.mostWaitingBytes).toBe(32 * 1_048_576);
  expect(store.gatheredBytes).toBe(2 * 1_048_576);
});

describe.each(Object.entries(BROWSERS))('IndexedDB store with segments that are %s', (_, install) => {
  for (const { name, check } of pieceStoreRules) {
    test(name, async () => {
      install();
      await check(() => opened('suite'));
    });
  }
});

describe('memory store', () => {
  const rules = pieceStoreRules.filter(({ lastingOnly }) => lastingOnly !== true);
  for (const { name, check } of rules) {
    const store = new MemoryStore();
    test(name, () => check(async () => store));
  }
});

describe('IndexedDB store and the world', () => {
  const quota = () => new DOMException('the disk is full', 'QuotaExceededError');

  test('[ST5] a put that finds no room fails with quota', async () => {
    const store = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw quota();
    });
    expect(await store.putPieces(SHARE, [PIECE])).toEqual({ kind: 'failed', why: 'quota' });
  });

  test('[ST2] a batch that fails at its second piece stores none', async () => {
    const store = await opened();
    const put = IDBObjectStore.prototype.put;
    let calls = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
      calls += 1;
      if (calls === 2) throw quota();
      return put.call(this, value, key);
    });
    const batch = [PIECE, OTHER];
    expect(await store.putPieces(SHARE, batch)).toEqual({ kind: 'failed', why: 'quota' });
    expect(await store.ownedPieces(SHARE)).toEqual([]);
    vi.restoreAllMocks();
    expect(await store.putPieces(SHARE, batch)).toEqual({ kind: 'stored' });
  });

  test('[ST5] any other failure of a put is unavailable', async () => {
    const store = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('internal error', 'UnknownError');
    });
    expect(await store.putPieces(SHARE, [PIECE])).toEqual({ kind: 'failed', why: 'unavailable' });
  });

  test('[ST6] gives way to a newer version of the page and is unavailable from then on', async () => {
    const store = await opened();
    await store.putPieces(SHARE, [PIECE]);
    const newer = await openDB('shoal', DATABASE_VERSION + 1);
    expect(await store.putPieces(SHARE, [PIECE])).toEqual({ kind: 'failed', why: 'unavailable' });
    expect(await newer.count('pieces')).toBe(1);
    newer.close();
  });

  test('[ST6] opens again after the database was deleted under it', async () => {
    const store = await opened();
    await store.putPieces(SHARE, [PIECE]);
    await new Promise((resolve, reject) => {
      const deletion = indexedDB.deleteDatabase('shoal');
      deletion.onsuccess = resolve;
      deletion.onerror = reject;
    });
    expect(await store.ownedPieces(SHARE)).toEqual([]);
    expect(await store.putPieces(SHARE, [PIECE])).toEqual({ kind: 'stored' });
    expect(await store.ownedPieces(SHARE)).toEqual([1]);
  });
});

describe('opening', () => {
  test('[ST7] IndexedDB where it opens', async () => {
    const before = await openStore('/');
    expect(before.kind).toBe('lasting');
    await before.store.putPieces(SHARE, [PIECE]);
    before.store.close();
    expect(await (await openStore('/')).store.ownedPieces(SHARE)).toEqual([1]);
  });

  test('[ST8] two that stand on one origin do not see each other’s shares, the root keeps what it had', async () => {
    const [{ store: root }, { store: drop }] = [await openStore('/'), await openStore('/drop/')];
    await root.putPieces(SHARE, [PIECE]);
    expect(await drop.ownedPieces(SHARE)).toEqual([]);
    expect(await (await openStore('/drop/')).store.ownedPieces(SHARE)).toEqual([]);
    expect(await (await openStore('/')).store.ownedPieces(SHARE)).toEqual([1]);
    expect((await indexedDB.databases()).map(({ name }) => name)).toEqual(['shoal', 'shoal/drop/']);
  });

  test('[ST7] memory where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const opened = await openStore('/');
    expect(opened).toMatchObject({ kind: 'passing', why: 'unavailable' });
    const { store } = opened;
    expect(store).toBeInstanceOf(MemoryStore);
    expect(await store.putPieces(SHARE, [PIECE])).toEqual({ kind: 'stored' });
  });

  test('[ST11] a database of a newer version is left alone, and the answer says so', async () => {
    const newer = await openDB('shoal', DATABASE_VERSION + 1, {
      upgrade: (database) => void database.createObjectStore('other'),
    });
    newer.close();
    const opened = await openStore('/');
    expect(opened).toMatchObject({ kind: 'passing', why: 'newer' });
    expect(await opened.store.putPieces(SHARE, [PIECE])).toEqual({ kind: 'stored' });
    expect((await indexedDB.databases()).map(({ version }) => version)).toEqual([DATABASE_VERSION + 1]);
  });

  test('[ST7] memory where IndexedDB refuses to open', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('not in a private window', 'SecurityError');
    });
    const { store } = await openStore('/');
    expect(store).toBeInstanceOf(MemoryStore);
  });
});
