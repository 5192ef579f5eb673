import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { ONE, TWO } from '../../../shared/peer/contracts/filled-piece.ts';
import type { PieceStore, ShareRecord } from '../../../shared/peer/piece-store.ts';
import { storedShare } from '../saving/stored-share.fixture.ts';
import type { StoredShare } from '../saving/stored-share.fixture.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { dieAt } from './dying.fixture.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

const NAME = 'shoal';
const ORPHANED = 'd4'.repeat(32) as InfoHash;
const BROKEN = 'e5'.repeat(32) as InfoHash;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

/** As version 1 of the page left a database behind. */
async function leaveVersionOne(shares: readonly ShareRecord[], pieces: readonly OldPiece[]): Promise<void> {
  const database = await openDB(NAME, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('shares');
      fresh.createObjectStore('pieces');
    },
  });
  for (const share of shares) await database.put('shares', share, share.infoHash);
  for (const [key, bytes] of pieces) await database.put('pieces', bytes, key);
  database.close();
}

/** Its connection, which stays open and gives way to nobody. */
function heldVersionOne(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('shares');
      request.result.createObjectStore('pieces');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('version 1 does not open'));
  });
}

type OldPiece = [key: [string, number], bytes: ArrayBuffer];

async function opened(): Promise<PieceStore> {
  const opening = await openIndexedDbStore(NAME);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening.store;
}

async function madeShare(size: number): Promise<StoredShare & { record: ShareRecord }> {
  const share = await storedShare({ name: 'a.bin', files: [{ path: ['a.bin'], size }], folders: [] });
  const record = await share.store.share(share.infoHash);
  if (record === null) throw new Error('no record');
  return { ...share, record };
}

async function piecesOf(
  { store, infoHash }: StoredShare,
  as: InfoHash,
  left: number[] = [],
): Promise<OldPiece[]> {
  const all: OldPiece[] = [];
  for (const piece of await store.ownedPieces(infoHash)) {
    const bytes = await store.piece(infoHash, piece);
    if (bytes !== null && !left.includes(piece)) all.push([[as, piece], bytes.buffer]);
  }
  return all;
}

async function keysOf(name: 'pieces' | 'places'): Promise<string[]> {
  const database = await openDB(NAME);
  const keys = await database.getAllKeys(name);
  database.close();
  return keys.map((key) => JSON.stringify(key));
}

describe('[ST11] a database of version 1', () => {
  test('is opened with all its pieces, without one that is read or moved', async () => {
    const share = await madeShare(950);
    await leaveVersionOne([{ ...share.record, infoHash: ONE, addedAt: 7 }], await piecesOf(share, ONE, [3]));
    const before = await keysOf('pieces');
    const store = await opened();
    expect(await keysOf('pieces')).toEqual(before);
    expect(await inconsistencies(NAME)).toEqual([]);
    expect((await store.share(ONE))?.addedAt).toBe(7);
    expect(await store.ownedPieces(ONE)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    for (const piece of [0, 4, 9]) {
      expect(await store.piece(ONE, piece)).toEqual(await share.store.piece(share.infoHash, piece));
    }
    expect(await store.piece(ONE, 3)).toBeNull();
    const { sha256 } = share.manifest.pieces[4]!;
    expect(await store.found([sha256, share.manifest.pieces[3]!.sha256])).toEqual([true, false]);
    expect(await store.contents([{ sha256, bytes: 100 }])).toEqual([
      await share.store.piece(share.infoHash, 4),
    ]);
  });

  test('goes on as one of version 2: put, adopt, compact and remove', async () => {
    const share = await madeShare(2_000);
    await leaveVersionOne([{ ...share.record, infoHash: ONE }], await piecesOf(share, ONE, [3]));
    const store = await opened();
    const third = (await share.store.piece(share.infoHash, 3))!;
    await store.putPieces(ONE, [{ piece: 3, sha256: share.manifest.pieces[3]!.sha256, bytes: third }]);
    const wanted = share.manifest.pieces.map(({ sha256 }, piece) => ({ piece, sha256 }));
    expect(await store.adopt(TWO, wanted)).toMatchObject({ adopted: wanted.map(({ piece }) => piece) });
    expect((await store.compact()).kind).toBe('more');
    expect(await inconsistencies(NAME)).toEqual([]);
    await store.removeShare(ONE);
    for (const { piece } of wanted) {
      expect(await store.piece(TWO, piece)).toEqual(await share.store.piece(share.infoHash, piece));
    }
    await store.removeShare(TWO);
    expect(await inconsistencies(NAME)).toEqual([]);
    expect(await keysOf('pieces')).toEqual([]);
  });

  test('keeps the same content of two shares once', async () => {
    const share = await madeShare(250);
    const records = [ONE, TWO].map((infoHash) => ({ ...share.record, infoHash }));
    await leaveVersionOne(records, [...(await piecesOf(share, ONE)), ...(await piecesOf(share, TWO, [0]))]);
    const store = await opened();
    expect([await store.ownedPieces(ONE), await store.ownedPieces(TWO)]).toEqual([
      [0, 1, 2],
      [1, 2],
    ]);
    expect(await keysOf('pieces')).toHaveLength(3);
    await store.removeShare(ONE);
    expect(await store.piece(TWO, 2)).toEqual(await share.store.piece(share.infoHash, 2));
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('loses what no readable manifest tells of, and nothing else', async () => {
    const share = await madeShare(250);
    const broken = { infoHash: BROKEN, addedAt: 1, manifest: new Uint8Array([123, 45]) };
    await leaveVersionOne(
      [{ ...share.record, infoHash: ONE }, broken],
      [
        ...(await piecesOf(share, ONE)),
        ...(await piecesOf(share, BROKEN)),
        ...(await piecesOf(share, ORPHANED)),
        [[ONE, 99], new ArrayBuffer(10)],
      ],
    );
    const store = await opened();
    expect(await store.ownedPieces(ONE)).toEqual([0, 1, 2]);
    expect(await keysOf('places')).toHaveLength(3);
    expect(await keysOf('pieces')).toHaveLength(3);
    for (const share of [BROKEN, ORPHANED]) expect(await store.ownedPieces(share)).toEqual([]);
    expect((await store.shares()).map(({ infoHash }) => infoHash)).toEqual([ONE, BROKEN]);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('[ST4] has a piece of another size than its manifest says as a missing one', async () => {
    const share = await madeShare(350);
    const pieces = await piecesOf(share, ONE);
    pieces[1] = [[ONE, 1], new ArrayBuffer(99)];
    pieces[2] = [[ONE, 2], new ArrayBuffer(101)];
    await leaveVersionOne([{ ...share.record, infoHash: ONE }], pieces);
    const store = await opened();
    expect([await store.piece(ONE, 1), await store.piece(ONE, 2)]).toEqual([null, null]);
    expect(await store.piece(ONE, 0)).toEqual(await share.store.piece(share.infoHash, 0));
  });

  test('may be empty', async () => {
    await leaveVersionOne([], []);
    const store = await opened();
    expect(await store.shares()).toEqual([]);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('is whole as it was after a browser that died in the middle, and opens at the next start', async () => {
    const share = await madeShare(350);
    const records = [{ ...share.record, infoHash: ONE }];
    const pieces = [...(await piecesOf(share, ONE)), ...(await piecesOf(share, ORPHANED))];
    await leaveVersionOne(records, pieces);
    const counting = dieAt(Infinity);
    (await opened()).close();
    const steps = counting.requests;
    counting.over();
    expect(steps).toBeGreaterThan(10);
    for (let step = 0; step < steps; step++) {
      vi.stubGlobal('indexedDB', new IDBFactory());
      await leaveVersionOne(records, pieces);
      const death = dieAt(step, 'behind');
      expect(await openIndexedDbStore(NAME)).toEqual({ kind: 'failed', why: 'unavailable' });
      death.over();
      const old = await openDB(NAME, 1);
      expect([...old.objectStoreNames]).toEqual(['pieces', 'shares']);
      expect(await old.getAll('shares')).toEqual(records);
      expect(await old.count('pieces')).toBe(pieces.length);
      old.close();
      const store = await opened();
      expect(await store.ownedPieces(ONE)).toEqual([0, 1, 2, 3]);
      store.close();
      expect(await inconsistencies(NAME)).toEqual([]);
    }
  });
});

describe('[SA11] an older version that keeps the database as it was', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    return () => void vi.useRealTimers();
  });

  test('is waited for', async () => {
    const older = await heldVersionOne();
    const opening = openIndexedDbStore(NAME);
    await blockedBy(opening);
    await vi.advanceTimersByTimeAsync(9_999);
    older.close();
    expect((await opening).kind).toBe('opened');
  });

  test('is not waited for longer than ten seconds; the database can be opened when it is gone', async () => {
    const older = await heldVersionOne();
    const opening = openIndexedDbStore(NAME);
    await blockedBy(opening);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await opening).toEqual({ kind: 'failed', why: 'older' });
    older.close();
    expect((await openIndexedDbStore(NAME)).kind).toBe('opened');
    // What was given up keeps nothing open.
    await new Promise((deleted, kept) => {
      const request = indexedDB.deleteDatabase(NAME);
      request.onsuccess = deleted;
      request.onblocked = kept;
    });
  });

  /** Until the patience runs: the browser has said that somebody is in the way. */
  async function blockedBy(opening: Promise<unknown>): Promise<void> {
    void opening;
    while (vi.getTimerCount() === 0) await new Promise((next) => setImmediate(next));
  }
});
