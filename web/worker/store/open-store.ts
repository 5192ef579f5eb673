/** [ST7] The best store this browser gives: IndexedDB where it opens, memory, which is gone with the tab, where it does not. */
import { nameOnOrigin } from '../base-path.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';

export async function openStore(basePath: string): Promise<PieceStore> {
  return (await openIndexedDbStore(nameOnOrigin(basePath))) ?? new MemoryStore();
}
