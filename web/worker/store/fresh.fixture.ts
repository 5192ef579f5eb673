/** A browser that has stored nothing yet, for each test, and its store. */
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, vi } from 'vitest';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

/** Of the database. */
export const NAME = 'shoal';

export function eachInAFreshBrowser(): void {
  beforeEach(() => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    return () => {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    };
  });
}

export async function opened(): Promise<PieceStore> {
  const opening = await openIndexedDbStore(NAME);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening.store;
}
