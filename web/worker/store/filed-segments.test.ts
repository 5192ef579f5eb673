/** Segments whose bytes are in files of the browser's private file system. */
import 'fake-indexeddb/auto';
import { IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { filled, ONE, TWO } from '../../../shared/peer/contracts/filled-piece.ts';
import type { PieceStore, StoredPiece } from '../../../shared/peer/piece-store.ts';
import { inconsistencies } from './consistent.fixture.ts';
import { eachInAFreshBrowser, NAME, opened } from './fresh.fixture.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { OPEN_FILES } from './limits.ts';
import { openStore } from './open-store.ts';
import { PrivateFiles } from './private-files.fixture.ts';
import type { FileStep } from './private-files.fixture.ts';

const PIECES = Array.from({ length: 8 }, (_, piece) => filled(piece, 1_000));

let files: PrivateFiles;

eachInAFreshBrowser();
beforeEach(() => {
  files = PrivateFiles.installed();
});

async function values(): Promise<unknown[]> {
  const database = await openDB(NAME);
  const all = await database.getAll('pieces');
  database.close();
  return all;
}

async function expectRead(store: PieceStore, pieces: readonly StoredPiece[], share = ONE): Promise<void> {
  for (const { piece, bytes } of pieces) {
    const read = await store.piece(share, piece);
    expect(Buffer.from(read ?? []).equals(bytes)).toBe(true);
  }
}

/** A step of this name fails, each time. */
function failing(name: FileStep, error: string): { times: number } {
  const failed = { times: 0 };
  files.around = (step, work) => {
    if (step !== name) return work();
    failed.times += 1;
    throw new DOMException('it does not', error);
  };
  return failed;
}

/** The database fails from the `after`-th write on, as often as it is asked. */
function failDatabase(error: string): void {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no', error);
  });
}

function steps(): FileStep[] {
  const taken: FileStep[] = [];
  files.around = (step, work) => {
    taken.push(step);
    return work();
  };
  return taken;
}

describe('[ST16] the bytes of a segment', () => {
  test('are in a file that is named after it, and its size is in the database', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 3));
    const large = [1.5, 2, 3].map((mebibytes, piece) => filled(10 + piece, mebibytes * 1_048_576));
    await store.putPieces(ONE, large);
    expect(await values()).toEqual(
      [3_000, 3.5 * 1_048_576, 3 * 1_048_576].map((fileBytes) => ({ fileBytes })),
    );
    const database = await openDB(NAME);
    const names = (await database.getAllKeys('pieces')).map((key) => (key as number[]).join('-'));
    database.close();
    expect([...files.sizes.keys()].sort()).toEqual(names.sort());
    expect(files.open).toBe(0);
    store.close();
    await expectRead(await opened(), [...PIECES.slice(0, 3), ...large]);
    expect(await inconsistencies(NAME, files)).toEqual([]);
  });

  test('[ST8] are in a directory of the path that the page stands under', async () => {
    const [{ store: root }, { store: drop }] = [await openStore('/'), await openStore('/drop/')];
    await root.putPieces(ONE, [PIECES[0]!]);
    await drop.putPieces(ONE, [PIECES[1]!]);
    expect(files.directories).toEqual(['shoal', 'shoal%2Fdrop%2F']);
    await root.removeShare(ONE);
    expect([files.directory('shoal').size, files.directory('shoal%2Fdrop%2F').size]).toEqual([0, 1]);
  });

  test('[ST10] are in one file where compaction has put small ones together', async () => {
    const store = await opened();
    const small = [20, 21, 22, 23].map((piece) => filled(piece, 300_000));
    for (const piece of small) await store.putPieces(ONE, [piece]);
    expect(files.sizes.size).toBe(4);
    expect((await store.compact()).kind).toBe('more');
    expect([...files.sizes.values()]).toEqual([1_200_000]);
    await expectRead(store, small);
    expect(await inconsistencies(NAME, files)).toEqual([]);
  });

  test('go with the last piece in it, although it is being read', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 2));
    await store.putPieces(ONE, PIECES.slice(2, 4));
    await store.adopt(TWO, PIECES.slice(2, 3));
    await expectRead(store, PIECES.slice(0, 4));
    expect(files.open).toBe(2);
    expect(await store.removeShare(ONE)).toEqual({ kind: 'removed', freedBytes: 2_000 });
    expect(files.sizes.size).toBe(1);
    await store.dropContent([PIECES[2]!.sha256]);
    expect(files.sizes.size).toBe(0);
    expect(files.open).toBe(0);
  });

  test('[LB16] are gone when everything is forgotten, and what nothing leads to as well', async () => {
    const opening = await openIndexedDbStore(NAME);
    if (opening.kind !== 'opened') throw new Error(opening.why);
    await opening.store.putPieces(ONE, PIECES);
    files.add('what is this', new Uint8Array(5));
    expect(await opening.erase()).toBe('forgotten');
    expect(files.sizes.size).toBe(0);
    await opening.store.putPieces(TWO, PIECES);
    await expectRead(opening.store, PIECES, TWO);
    expect(files.sizes.size).toBe(1);
  });

  test('[ST14] are written again after all was cleared away under the page', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 2));
    files.clear();
    expect(await store.putPieces(ONE, PIECES.slice(2, 4))).toEqual({ kind: 'stored' });
    expect(files.sizes.size).toBe(1);
    await expectRead(store, PIECES.slice(2, 4));
    expect(await store.piece(ONE, 0)).toBeNull();
  });
});

describe('[ST16] a file that no transaction uses', () => {
  test('[ST9] is removed at once: some of what was put was here already', async () => {
    const store = await opened();
    await store.putPieces(TWO, PIECES.slice(0, 2));
    expect(await store.putPieces(ONE, PIECES.slice(1, 4))).toEqual({ kind: 'stored' });
    expect((await values()).map((value) => value instanceof Blob)).toEqual([false, true]);
    await store.putPieces(ONE, PIECES.slice(0, 1));
    await store.putPieces(ONE, PIECES.slice(4, 5));
    await store.putPieces(ONE, PIECES.slice(5, 6));
    expect((await values()).map((value) => value instanceof Blob)).toEqual([false, true, true, false]);
    await expectRead(store, PIECES.slice(0, 6));
    expect(await inconsistencies(NAME, files)).toEqual([]);
  });

  test.each(['QuotaExceededError', 'UnknownError'])(
    'is removed at once: the database fails with %s',
    async (error) => {
      const store = await opened();
      await store.putPieces(ONE, PIECES.slice(0, 1));
      failDatabase(error);
      expect((await store.putPieces(ONE, PIECES.slice(1, 3))).kind).toBe('failed');
      vi.restoreAllMocks();
      expect(await inconsistencies(NAME, files)).toEqual([]);
      await store.putPieces(ONE, PIECES.slice(1, 3));
      expect(await values()).toEqual([{ fileBytes: 1_000 }, { fileBytes: 2_000 }]);
    },
  );

  test('stays where nobody can say whether one does', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 1));
    failDatabase('UnknownError');
    vi.spyOn(IDBObjectStore.prototype, 'getAllKeys').mockImplementation(() => {
      throw new DOMException('no', 'UnknownError');
    });
    await store.putPieces(ONE, PIECES.slice(1, 3));
    expect(files.sizes.size).toBe(2);
  });
});

describe('[ST16] a browser', () => {
  test('[ST5] without room keeps no half of a file, and the database has the last word', async () => {
    const store = await opened();
    files.room = 1_500;
    failDatabase('QuotaExceededError');
    expect(await store.putPieces(ONE, PIECES.slice(0, 3))).toEqual({ kind: 'failed', why: 'quota' });
    expect(files.sizes.size).toBe(0);
    vi.restoreAllMocks();
    expect(await store.putPieces(ONE, PIECES.slice(0, 3))).toEqual({ kind: 'stored' });
    expect(files.sizes.size).toBe(0);
    files.room = 5_500_000;
    const large = [3_000_000, 2_500_000, 3_000_000].map((bytes, piece) => filled(20 + piece, bytes));
    failDatabase('QuotaExceededError');
    expect(await store.putPieces(ONE, large)).toEqual({ kind: 'failed', why: 'quota' });
    expect(files.sizes.size).toBe(0);
    vi.restoreAllMocks();
    files.room = Infinity;
    await store.putPieces(ONE, PIECES.slice(3, 4));
    expect((await values()).map((value) => value instanceof Blob)).toEqual([true, false]);
    expect(await inconsistencies(NAME, files)).toEqual([]);
  });

  test.each<[FileStep, string]>([
    ['getDirectoryHandle', 'SecurityError'],
    ['getFileHandle', 'UnknownError'],
    ['open', 'NotSupportedError'],
    ['write', 'InvalidStateError'],
  ])('that refuses at %s has Blobs, and is not asked again', async (step, error) => {
    const failed = failing(step, error);
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 1));
    const { times } = failed;
    expect(times).toBeGreaterThan(0);
    const taken = steps();
    await store.putPieces(ONE, PIECES.slice(1, 2));
    expect((await values()).every((value) => value instanceof Blob)).toBe(true);
    expect(taken).toEqual([]);
    await expectRead(store, PIECES.slice(0, 2));
    expect(files.sizes.size).toBe(0);
  });

  test('that refuses once has a Blob for that one, where files have worked', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(0, 1));
    failing('open', 'NoModificationAllowedError');
    await store.putPieces(ONE, PIECES.slice(1, 2));
    steps();
    await store.putPieces(ONE, PIECES.slice(2, 3));
    expect((await values()).map((value) => value instanceof Blob)).toEqual([false, true, false]);
    await expectRead(store, PIECES.slice(0, 3));
  });
});

describe('[ST17] a file', () => {
  test('is read range by range through a handle that stays open, as its neighbours need it', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    const taken = steps();
    await expectRead(store, PIECES);
    expect(taken).toEqual(['getFileHandle', 'open', ...PIECES.map(() => 'read')]);
    store.close();
    await vi.waitFor(() => expect(files.open).toBe(0));
  });

  test('is closed when many others were read since, and read all the same', async () => {
    const store = await opened();
    const many = Array.from({ length: OPEN_FILES + 8 }, (_, piece) => filled(piece, 100));
    for (const piece of many) await store.putPieces(ONE, [piece]);
    const read = await Promise.all([...many, ...many].map(({ piece }) => store.piece(ONE, piece)));
    expect(read).toEqual([...many, ...many].map(({ bytes }) => bytes));
    expect(files.open).toBe(OPEN_FILES);
    await expectRead(store, many);
  });

  test('is read as a Blob, and ahead, by who has no handle that others may have, too', async () => {
    files.hasReaders = false;
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    const [one, two] = [await opened(), await opened()];
    const slice = vi.spyOn(Blob.prototype, 'slice');
    await expectRead(one, PIECES);
    expect(slice.mock.calls).toEqual([
      [0, 1_000],
      [1_000, 8_000],
    ]);
    await expectRead(two, PIECES);
    expect(files.open).toBe(0);
  });

  test('is read as a Blob while somebody writes it', async () => {
    const store = await opened();
    await store.putPieces(ONE, PIECES);
    for (const file of files.directory().values()) file.hasWriter = true;
    await expectRead(store, PIECES.slice(0, 2));
  });

  test.each(['gone', 'shorter', 'unreadable'])(
    '[ST4] that is %s is missing pieces, and they are written anew when they come again',
    async (how) => {
      const store = await opened();
      await store.putPieces(ONE, PIECES.slice(0, 3));
      await store.putPieces(ONE, PIECES.slice(3, 6));
      await store.adopt(TWO, [PIECES[2]!]);
      const [first] = files.sizes.keys();
      if (how === 'gone') files.directory().delete(first!);
      if (how === 'shorter') files.add(first!, new Uint8Array(2_500));
      if (how === 'unreadable') failing('read', 'NotReadableError');
      expect(await store.piece(ONE, 2)).toBeNull();
      if (how === 'unreadable') steps();
      await expectRead(store, PIECES.slice(3, 6));
      await store.putPieces(ONE, [PIECES[2]!]);
      for (const share of [ONE, TWO]) await expectRead(store, [PIECES[2]!], share);
    },
  );
});

describe('[ST18] an orphan', () => {
  const HOUR_AGO = () => Date.now() - 3_600_000;

  test('of an earlier opening is removed when there is nothing else to do; what is young, newer or unknown is not', async () => {
    const before = await opened();
    await before.putPieces(ONE, PIECES);
    before.close();
    const [kept] = files.sizes.keys();
    files.restart();
    files.add('1000-1', new Uint8Array(5), HOUR_AGO());
    files.add('1000-2', new Uint8Array(5), Date.now() - 30_000);
    files.add(`${Number.MAX_SAFE_INTEGER}-1`, new Uint8Array(5), HOUR_AGO());
    files.add('notes', new Uint8Array(5), HOUR_AGO());
    const store = await opened();
    await store.putPieces(TWO, [filled(30, 2 * 1_048_576)]);
    expect(files.sizes.size).toBe(6);
    await store.compact();
    const left = [...files.sizes.keys()];
    expect(left).not.toContain('1000-1');
    expect(left).toEqual(expect.arrayContaining([kept, '1000-2', `${Number.MAX_SAFE_INTEGER}-1`, 'notes']));
    expect(left).toHaveLength(5);
    files.add('1000-3', new Uint8Array(5), HOUR_AGO());
    await store.compact();
    expect(files.sizes.has('1000-3')).toBe(true);
  });

  test('is not taken for one where the database cannot say so', async () => {
    files.add('1000-1', new Uint8Array(5), HOUR_AGO());
    const store = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'getAllKeys').mockImplementation(() => {
      throw new DOMException('no', 'UnknownError');
    });
    await store.compact();
    expect(files.sizes.has('1000-1')).toBe(true);
  });
});

describe('[ST11] a database of version 3', () => {
  test('keeps its values where they are, and gets files for what is put', async () => {
    const older = await openDB(NAME, 3, {
      upgrade(database) {
        for (const name of ['shares', 'pieces', 'owned', 'library', 'handles', 'settings'])
          database.createObjectStore(name);
        database.createObjectStore('places').createIndex('sha256', 'sha256');
        database.createObjectStore('directories').createIndex('due', 'due');
        for (const name of ['history', 'transfers'])
          database.createObjectStore(name, { autoIncrement: true });
      },
    });
    older.close();
    // What version 3 wrote is what a browser without such files is given now.
    failing('getDirectoryHandle', 'SecurityError');
    const before = await opened();
    await before.putPieces(ONE, PIECES.slice(0, 3));
    before.close();
    steps();
    const store = await opened();
    await store.putPieces(ONE, PIECES.slice(3, 5));
    // Of two openings within one ms either may be the first.
    const kinds = (await values()).map((value) => (value instanceof Blob ? 'Blob' : 'file'));
    expect(kinds.sort()).toEqual(['Blob', 'file']);
    await expectRead(store, PIECES.slice(0, 5));
    expect(await inconsistencies(NAME, files)).toEqual([]);
  });
});
