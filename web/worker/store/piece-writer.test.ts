import 'fake-indexeddb/auto';
import { IDBIndex, IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { filled, ONE, TWO } from '../../../shared/peer/contracts/filled-piece.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { NAME, eachInAFreshBrowser, opened } from './fresh.fixture.ts';

const PIECES = Array.from({ length: 20 }, (_, piece) => filled(piece, 1_000));

eachInAFreshBrowser();

async function segments(): Promise<number> {
  const database = await openDB(NAME);
  const count = await database.count('pieces');
  database.close();
  return count;
}

/** Every write from now on, with how many questions had been answered when it was asked for. */
function answeredBeforeWrites(): number[] {
  const questions: IDBRequest[] = [];
  const answered: number[] = [];
  const isDone = ({ readyState }: IDBRequest): boolean => readyState === 'done';
  const [get, getKey] = [IDBObjectStore.prototype.get, IDBIndex.prototype.getKey];
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, key) {
    const request = get.call(this, key);
    questions.push(request);
    return request;
  });
  vi.spyOn(IDBIndex.prototype, 'getKey').mockImplementation(function (this: IDBIndex, key) {
    const request = getKey.call(this, key);
    questions.push(request);
    return request;
  });
  for (const name of ['put', 'add'] as const) {
    const write = IDBObjectStore.prototype[name];
    vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (this: IDBObjectStore, value, key) {
      expect(questions.length).toBeGreaterThan(0);
      answered.push(questions.filter(isDone).length);
      return write.call(this, value, key);
    });
  }
  return answered;
}

describe('[ST13] a put', () => {
  test('of new pieces writes all before it has an answer, once the share was written', async () => {
    const store = await opened();
    await store.putPieces(ONE, [PIECES[0]!]);
    const answered = answeredBeforeWrites();
    expect(await store.putPieces(ONE, PIECES.slice(1, 3))).toEqual({ kind: 'stored' });
    expect(answered).toEqual([0, 0, 0, 0, 0]); // segment, directory, two places, owned pieces
    vi.restoreAllMocks();
    expect(await store.ownedPieces(ONE)).toEqual([0, 1, 2]);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('keeps what another connection has written to the share meanwhile', async () => {
    const [one, other] = [await opened(), await opened()];
    await one.putPieces(ONE, [PIECES[0]!]);
    await other.putPieces(ONE, [PIECES[9]!]);
    await one.putPieces(ONE, [PIECES[1]!, PIECES[9]!]);
    await other.putPieces(ONE, [PIECES[3]!]);
    expect(await one.ownedPieces(ONE)).toEqual([0, 1, 3, 9]);
    expect(await segments()).toBe(4);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('[ST9] stores no content again that another connection has brought', async () => {
    const [one, other] = [await opened(), await opened()];
    await one.putPieces(ONE, [PIECES[0]!]);
    await other.putPieces(TWO, PIECES.slice(1, 3));
    await one.putPieces(ONE, PIECES.slice(1, 4));
    expect(await segments()).toBe(3);
    await other.removeShare(TWO);
    for (const { piece, bytes } of PIECES.slice(0, 4)) expect(await one.piece(ONE, piece)).toEqual(bytes);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('behind the removal of the share by another connection has itself alone', async () => {
    const [one, other] = [await opened(), await opened()];
    await one.putPieces(ONE, PIECES.slice(0, 2));
    await other.removeShare(ONE);
    await one.putPieces(ONE, [PIECES[2]!]);
    expect(await one.ownedPieces(ONE)).toEqual([2]);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('asks first as long as content is here already, and no more when it is new again', async () => {
    const store = await opened();
    await store.putPieces(TWO, PIECES.slice(0, 4));
    await store.putPieces(ONE, [PIECES[10]!]);
    const abort = vi.spyOn(IDBTransaction.prototype, 'abort');
    for (const piece of PIECES.slice(0, 4)) await store.putPieces(ONE, [piece]);
    expect(abort).toHaveBeenCalledTimes(1);
    await store.putPieces(ONE, [PIECES[11]!]);
    const answered = answeredBeforeWrites();
    await store.putPieces(ONE, [PIECES[12]!]);
    expect(answered).toEqual([0, 0, 0, 0]);
    vi.restoreAllMocks();
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('at the same time as others of the same share loses none of them', async () => {
    const stores = [await opened(), await opened()];
    await stores[0]!.putPieces(ONE, [PIECES[0]!]);
    await Promise.all(PIECES.map((piece, at) => stores[at % 2]!.putPieces(ONE, [piece])));
    expect(await stores[0]!.ownedPieces(ONE)).toEqual(PIECES.map(({ piece }) => piece));
    expect(await inconsistencies(NAME)).toEqual([]);
  });
});

describe('[ST13] reading in order', () => {
  async function written(): Promise<PieceStore> {
    const store = await opened();
    for (const piece of PIECES) await store.putPieces(ONE, [piece]);
    return store;
  }

  async function read(store: PieceStore, from: number): Promise<void> {
    for (const { piece, bytes } of PIECES.slice(from)) expect(await store.piece(ONE, piece)).toEqual(bytes);
  }

  test('asks for many places at once, and then for one segment a question', async () => {
    const store = await written();
    const [get, all] = [
      vi.spyOn(IDBObjectStore.prototype, 'get'),
      vi.spyOn(IDBObjectStore.prototype, 'getAll'),
    ];
    await read(store, 0);
    expect(get).toHaveBeenCalledTimes(3 + PIECES.length - 1);
    expect(all).toHaveBeenCalledTimes(1);
  });

  test('finds pieces that another connection has moved meanwhile', async () => {
    const [store, other] = [await written(), await opened()];
    expect(await store.piece(ONE, 0)).toEqual(PIECES[0]!.bytes);
    expect(await store.piece(ONE, 1)).toEqual(PIECES[1]!.bytes);
    expect((await other.compact()).kind).toBe('more');
    await read(store, 2);
  });

  test('has what is put, other content or not, as it is put', async () => {
    const store = await written();
    await store.piece(ONE, 0);
    await store.piece(ONE, 1);
    await store.putPieces(ONE, [{ ...filled(40, 500), piece: 2 }, filled(20, 600)]);
    expect(await store.piece(ONE, 2)).toEqual(filled(40, 500).bytes);
    await read(store, 3);
    expect(await store.piece(ONE, 20)).toEqual(filled(20, 600).bytes);
    expect(await store.piece(ONE, 21)).toBeNull();
  });

  test('has nothing of a share that was removed', async () => {
    const [store, other] = [await written(), await opened()];
    await store.piece(ONE, 0);
    await store.piece(ONE, 1);
    await other.removeShare(ONE);
    expect(await store.piece(ONE, 2)).toBeNull();
    await store.removeShare(ONE);
    expect(await store.piece(ONE, 3)).toBeNull();
  });
});
