/** [ST7] The best store this browser gives: IndexedDB where it opens, memory where it does not, and it says which. */
import { nameOnOrigin } from '../base-path.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { MemoryStore } from './memory-store.ts';
import type { PieceStore } from './piece-store.ts';

export interface OpenedStore {
  readonly store: PieceStore;
  /** `gone-with-the-tab`: nothing survives a reload, and everything received is held in memory. */
  readonly keeps: 'across-reloads' | 'gone-with-the-tab';
}

export async function openStore(basePath: string): Promise<OpenedStore> {
  const lasting = await openIndexedDbStore(nameOnOrigin(basePath));
  if (lasting !== null) return { store: lasting, keeps: 'across-reloads' };
  return { store: new MemoryStore(), keeps: 'gone-with-the-tab' };
}
