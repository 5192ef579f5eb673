import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { filled, madeUpSha256, ONE, TWO } from '../../../shared/peer/contracts/filled-piece.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { PieceStore, StoredPiece } from '../../../shared/peer/piece-store.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { dieAt } from './dying.fixture.ts';
import { eachInAFreshBrowser, NAME } from './fresh.fixture.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import type { Owned } from './schema.ts';
import { upgrade } from './upgrade.ts';

const MADE = 'made';
const THREE = 'c3'.repeat(32) as InfoHash;

eachInAFreshBrowser();

async function opened(name: string): Promise<PieceStore> {
  const opening = await openIndexedDbStore(name);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening.store;
}

/** As version 2 of the page left a database behind: what a share has was its bits alone, of a share with none as well. */
async function leaveVersionTwo(fill: (store: PieceStore) => Promise<void>): Promise<void> {
  const store = await opened(MADE);
  await fill(store);
  store.close();
  const made = await openDB(MADE);
  const old = await openDB(NAME, 2, {
    upgrade: (database, _from, _to, transaction) => void upgrade(database as never, 0, transaction as never),
  });
  for (const name of made.objectStoreNames) {
    const [keys, values] = await Promise.all([made.getAllKeys(name), made.getAll(name)]);
    for (const [at, key] of keys.entries()) {
      const value: unknown = name === 'owned' ? (values[at] as Owned).pieces : values[at];
      await old.put(name, value, old.transaction(name).store.keyPath === null ? key : undefined);
    }
  }
  await old.put('owned', new Uint8Array(3), THREE);
  old.close();
  made.close();
}

function piece(index: number, content: number, size: number): StoredPiece {
  return { piece: index, sha256: madeUpSha256(content, size), bytes: filled(content, size).bytes };
}

async function fill(store: PieceStore): Promise<void> {
  await store.putPieces(ONE, [piece(0, 1, 100), piece(1, 2, 50), piece(2, 1, 100)]);
  await store.putPieces(TWO, [piece(0, 2, 50), piece(9, 3, 30)]);
}

describe('[ST11] a database of version 2', () => {
  test('has all its pieces, and what they take', async () => {
    await leaveVersionTwo(fill);
    const store = await opened(NAME);
    expect(await inconsistencies(NAME)).toEqual([]);
    expect([await store.ownedPieces(ONE), await store.ownedPieces(TWO)]).toEqual([
      [0, 1, 2],
      [0, 9],
    ]);
    expect(await store.ownedPieces(THREE)).toEqual([]);
    expect(await store.usage()).toEqual({
      bytes: 180,
      shares: [
        { infoHash: ONE, bytes: 150, sharedBytes: 50 },
        { infoHash: TWO, bytes: 80, sharedBytes: 50 },
      ],
    });
  });

  test('goes on: what is put and removed is counted', async () => {
    await leaveVersionTwo(fill);
    const store = await opened(NAME);
    await store.putPieces(THREE, [piece(0, 3, 30), piece(1, 4, 40)]);
    await store.removeShare(ONE);
    expect(await inconsistencies(NAME)).toEqual([]);
    expect(await store.usage()).toMatchObject({ bytes: 120 });
  });

  test('is whole as it was after a browser that died in the middle, and opens at the next start', async () => {
    await leaveVersionTwo(fill);
    const counting = dieAt(Infinity);
    (await opened(NAME)).close();
    const steps = counting.requests;
    counting.over();
    expect(steps).toBeGreaterThan(4);
    for (let step = 0; step < steps; step++) {
      vi.stubGlobal('indexedDB', new IDBFactory());
      await leaveVersionTwo(fill);
      const death = dieAt(step, 'behind');
      expect(await openIndexedDbStore(NAME)).toEqual({ kind: 'failed', why: 'unavailable' });
      death.over();
      const old = await openDB(NAME, 2);
      const records = await old.getAll('owned');
      old.close();
      expect(records.map((record) => record instanceof Uint8Array)).toEqual([true, true, true]);
      (await opened(NAME)).close();
      expect(await inconsistencies(NAME)).toEqual([]);
    }
  });
});
