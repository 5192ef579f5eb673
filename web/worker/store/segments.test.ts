import 'fake-indexeddb/auto';
import { IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { filled, ONE, TWO } from '../../../shared/peer/contracts/filled-piece.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { directoryOf, packed } from './directory.ts';
import { NAME, eachInAFreshBrowser, opened } from './fresh.fixture.ts';
import { SEGMENT_BYTES } from './limits.ts';

const PIECES = [0, 1, 2, 3, 4, 5].map((piece) => filled(piece, 1_000));

eachInAFreshBrowser();

async function segments(): Promise<unknown[]> {
  const database = await openDB(NAME);
  const values = await database.getAll('pieces');
  database.close();
  return values;
}

/** Blobs can be written and kept, but those that are stored now can no longer be read. */
function loseBlobs(): void {
  vi.spyOn(Blob.prototype, 'slice').mockImplementation(() => {
    throw new DOMException('the file is gone', 'NotReadableError');
  });
}

describe('what segments are', () => {
  test('[ST2] pieces that are put together share segments of at most 4 MiB', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    expect(await segments()).toEqual([expect.objectContaining({ size: 6_000 })]);
    const sizes = [1, 2, 2, 0.5, 9, 3, 1, 1].map((mebibytes) => mebibytes * 1_048_576);
    const groups = packed(sizes, (size) => size).map((group) => group.map((size) => size / 1_048_576));
    expect(groups).toEqual([[1, 2], [2, 0.5], [9], [3, 1], [1]]);
    for (const group of groups.filter(([first]) => first !== 9)) {
      expect(group.reduce((sum, size) => sum + size * 1_048_576, 0)).toBeLessThanOrEqual(SEGMENT_BYTES);
    }
  });

  test('[ST10] is due: what is small, and what is used by less than half', () => {
    const large = 2 * 1_048_576;
    expect(directoryOf(large, [[ONE, 0, 0, large / 2]]).due).toBeUndefined();
    expect(directoryOf(large, [[ONE, 0, 0, large / 2 - 1]]).due).toBe('sparse');
    const twice = [0, 1].map((piece) => [ONE, piece, 0, large / 4] as const);
    expect(directoryOf(large, twice).due).toBe('sparse'); // the same bytes count once
    expect(directoryOf(1_000, [[ONE, 0, 0, 1_000]]).due).toBe('small');
    expect(directoryOf(1_000, [[ONE, 0, 0, 400]]).due).toBe('sparse');
  });

  test('[ST10] removing frees what only this share had, compaction the rest', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    await store.adopt(TWO, PIECES.slice(0, 2));
    expect(await store.removeShare(ONE)).toEqual({ kind: 'removed', freedBytes: 0 });
    expect(await store.compact()).toEqual({ kind: 'more', freedBytes: 6_000 });
    expect(await segments()).toEqual([expect.objectContaining({ size: 2_000 })]);
    expect(await store.compact()).toEqual({ kind: 'done' });
    expect(await store.piece(TWO, 1)).toEqual(PIECES[1]!.bytes);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('[ST1] ArrayBuffers where the browser stores no Blobs, once it was tried', async () => {
    const store = await opened();
    const put = IDBObjectStore.prototype.put;
    let refused = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
      if (!(value instanceof Blob)) return put.call(this, value, key);
      refused += 1;
      throw new DOMException('Blobs cannot be cloned', 'DataCloneError');
    });
    for (const piece of PIECES) expect(await store.putPieces(ONE, [piece])).toEqual({ kind: 'stored' });
    expect(refused).toBe(1);
    await store.putPieces(TWO, [filled(8, 900_000), filled(9, 500_000)]);
    expect((await segments()).every((value) => value instanceof ArrayBuffer)).toBe(true);
    for (const { piece, bytes } of PIECES) expect(await store.piece(ONE, piece)).toEqual(bytes);
    expect((await store.piece(TWO, 9))?.length).toBe(500_000);
    expect(await inconsistencies(NAME)).toEqual([]);
  });
});

describe('reading', () => {
  test('[ST4] asks the database once for pieces that lie together, and reads what is in order ahead', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    const [get, slice] = [vi.spyOn(IDBObjectStore.prototype, 'get'), vi.spyOn(Blob.prototype, 'slice')];
    for (const { piece, bytes } of PIECES) expect(await store.piece(ONE, piece)).toEqual(bytes);
    expect(get).toHaveBeenCalledTimes(3); // place, segment and directory
    expect(slice.mock.calls).toEqual([
      [0, 1_000],
      [1_000, 6_000],
    ]);
    expect(await store.piece(ONE, 4)).toEqual(PIECES[4]!.bytes);
    expect(slice).toHaveBeenLastCalledWith(4_000, 5_000);
  });

  test('[ST4] a piece whose bytes are gone is missing, the others are not, and it is written when it comes again', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 3));
    await store.putPieces(ONE, PIECES.slice(3));
    await store.adopt(TWO, [PIECES[1]!]);
    loseBlobs();
    expect(await store.piece(ONE, 1)).toBeNull();
    vi.restoreAllMocks();
    expect(await store.piece(ONE, 4)).toEqual(PIECES[4]!.bytes);
    expect(await segments()).toHaveLength(2);
    await store.putPieces(ONE, [PIECES[1]!]);
    expect(await segments()).toHaveLength(3);
    for (const share of [ONE, TWO]) expect(await store.piece(share, 1)).toEqual(PIECES[1]!.bytes);
    expect(await inconsistencies(NAME)).toEqual([]);
  });

  test('[ST4] [ST9] what is gone is not adopted, and counts as stored again once it could be read', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 2));
    loseBlobs();
    expect(await store.piece(ONE, 1)).toBeNull();
    expect(await store.adopt(TWO, PIECES.slice(0, 2))).toEqual({ kind: 'adopted', adopted: [] });
    vi.restoreAllMocks();
    expect(await store.piece(ONE, 1)).toEqual(PIECES[1]!.bytes);
    expect(await store.adopt(TWO, PIECES.slice(0, 2))).toEqual({ kind: 'adopted', adopted: [0, 1] });
  });

  test('[ST10] compaction leaves alone what cannot be read, and comes to its end', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    await store.adopt(TWO, PIECES.slice(0, 1));
    await store.removeShare(ONE);
    loseBlobs();
    expect(await store.compact()).toEqual({ kind: 'more', freedBytes: 0 });
    expect(await store.compact()).toEqual({ kind: 'done' });
    vi.restoreAllMocks();
    expect(await store.piece(TWO, 0)).toEqual(PIECES[0]!.bytes);
    expect((await store.compact()).kind).toBe('more');
    expect(await inconsistencies(NAME)).toEqual([]);
  });
});
