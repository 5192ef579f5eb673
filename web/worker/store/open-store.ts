/**
 * [ST7] The best store this browser gives: IndexedDB where it opens, memory, which is gone with the tab, where it does
 * not. What a person should know of that is in the answer.
 */
import { MemoryLibrary } from '../../../shared/peer/library.ts';
import type { LibraryStore } from '../../../shared/peer/library-store.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { MemorySettings } from '../../../shared/peer/settings.ts';
import type { SettingsStore } from '../../../shared/peer/settings.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { nameOnOrigin } from '../base-path.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

export type OpenedStore = {
  readonly store: PieceStore;
  readonly library: LibraryStore;
  readonly settings: SettingsStore;
} & (
  | { readonly kind: 'lasting' }
  /** `newer`: what is stored here belongs to a newer version of the page. */
  | { readonly kind: 'passing'; readonly why: 'newer' | 'unavailable' }
);

export async function openStore(basePath: string): Promise<OpenedStore> {
  const opening = await openIndexedDbStore(nameOnOrigin(basePath));
  if (opening.kind === 'opened') {
    const { store, library, settings } = opening;
    return { kind: 'lasting', store, library, settings };
  }
  return {
    kind: 'passing',
    store: new MemoryStore(),
    library: new MemoryLibrary(),
    settings: new MemorySettings(),
    why: opening.why,
  };
}
