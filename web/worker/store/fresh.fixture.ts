/** A browser that has stored nothing yet, for each test, and its store. */
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, vi } from 'vitest';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { PrivateFiles } from './private-files.fixture.ts';

/** Of the database. */
export const NAME = 'shoal';

/** What browsers can, by what a segment is in them ([ST1]): with files of their own, or undefined. */
export const BROWSERS: Readonly<Record<'files' | 'Blobs', () => PrivateFiles | undefined>> = {
  files: () => PrivateFiles.installed(),
  Blobs: () => undefined,
};

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
