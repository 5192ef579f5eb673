/** A database that the browser ends in the middle ([ST14]), and what is made of it. */
import 'fake-indexeddb/auto';
import { forceCloseDatabase } from 'fake-indexeddb';
import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { filled, ONE } from '../../../shared/peer/contracts/filled-piece.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { eachInAFreshBrowser, NAME } from './fresh.fixture.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

eachInAFreshBrowser();

/** With the way to end its connection, as a browser does. */
async function opened(): Promise<{ store: PieceStore; end: () => void }> {
  const databases: IDBDatabase[] = [];
  const open = indexedDB.open.bind(indexedDB);
  vi.spyOn(indexedDB, 'open').mockImplementation((...order) => {
    const request = open(...order);
    request.addEventListener('success', () => databases.push(request.result));
    return request;
  });
  const opening = await openIndexedDbStore(NAME);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  const end = (): void => forceCloseDatabase(databases.at(-1) as never);
  return { store: opening.store, end };
}

describe('[ST14] a database that the browser ends', () => {
  test('[ST14] is told of when it can be used again, not while it cannot be reached', async () => {
    const { store, end } = await opened();
    await store.putPieces(ONE, [filled(1, 100)]);
    const told = new Promise<number[]>((tell) =>
      store.onInterrupted(() => tell(store.ownedPieces(ONE) as never)),
    );
    const open = vi.mocked(indexedDB.open).getMockImplementation();
    let failures = 2;
    vi.mocked(indexedDB.open).mockImplementation((...order) => {
      if (failures-- > 0) throw new DOMException('starting again', 'UnknownError');
      return open!(...order);
    });
    end();
    expect(await told).toEqual([1]);
    expect(failures).toBeLessThan(0);
  });

  test('[ST1] during a put does not make it forget that the browser stores Blobs', async () => {
    const { store, end } = await opened();
    await store.putPieces(ONE, [filled(0, 100)]);
    const put = store.putPieces(ONE, [filled(1, 100)]);
    end();
    await put;
    await store.putPieces(ONE, [filled(2, 100)]);
    store.close();
    const database = await openDB(NAME);
    const values: unknown[] = await database.getAll('pieces');
    database.close();
    expect(values.at(-1)).toBeInstanceOf(Blob);
  });
});
