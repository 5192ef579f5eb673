import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../../shared/ids.ts';
import { libraryRules } from '../../../shared/peer/contracts/library-store.ts';
import type { LibraryEntry, LibraryStore } from '../../../shared/peer/library-store.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

async function opened(): Promise<LibraryStore> {
  const opening = await openIndexedDbStore('shoal');
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening.library;
}

describe('the library in IndexedDB', () => {
  test.each(libraryRules)('$name', ({ check }) => check(opened));

  test('[ST5] what finds no room is as if it had not been put', async () => {
    const library = await opened();
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('the disk is full', 'QuotaExceededError');
    });
    const infoHash = 'c3'.repeat(32) as InfoHash;
    await library.put({ infoHash } as LibraryEntry);
    expect(await library.entry(infoHash)).toBeNull();
  });
});
