/**
 * [ST7] The best store this browser gives: IndexedDB where it opens, memory, which is gone with the tab, where it does
 * not. What a person should know of that is in the answer.
 */
import { MemoryLibrary } from '../../../shared/peer/library.ts';
import type { LibraryStore } from '../../../shared/peer/library-store.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { MemoryMarks } from '../../../shared/peer/session-marks.ts';
import type { SessionMarks } from '../../../shared/peer/session-marks.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { nameOnOrigin } from '../base-path.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

export type OpenedStore = {
  readonly store: PieceStore;
  readonly library: LibraryStore;
  readonly marks: SessionMarks;
} & ({ readonly kind: 'lasting' } | { readonly kind: 'passing'; readonly why: WhyPassing });

/** What is stored here belongs to another version of the page: a newer one, or an older one that is still open. */
export type WhyPassing = 'newer' | 'older' | 'unavailable';

export async function openStore(basePath: string): Promise<OpenedStore> {
  const opening = await openIndexedDbStore(nameOnOrigin(basePath));
  if (opening.kind === 'opened') return { ...opening, kind: 'lasting' };
  const { why } = opening;
  return {
    kind: 'passing',
    store: new MemoryStore(),
    library: new MemoryLibrary(),
    marks: new MemoryMarks(),
    why,
  };
}
