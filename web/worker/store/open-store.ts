/**
 * [ST7] The best store this browser gives: IndexedDB where it opens, memory, which is gone with the tab, where it does
 * not. What a person should know of that is in the answer.
 */
import type { InfoHash } from '../../../shared/ids.ts';
import { MemoryActivity } from '../../../shared/peer/activity-store.ts';
import type { ActivityStore } from '../../../shared/peer/activity-store.ts';
import { MemoryLibrary } from '../../../shared/peer/library.ts';
import type { LibraryStore } from '../../../shared/peer/library-store.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { MemoryMarks } from '../../../shared/peer/session-marks.ts';
import type { SessionMarks } from '../../../shared/peer/session-marks.ts';
import { NOTHING_KEPT } from '../../../shared/peer/nothing-kept.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import type { KeptFiles } from '../../../shared/peer/ports.ts';
import { MemorySettings } from '../../../shared/peer/settings.ts';
import type { SettingsStore } from '../../../shared/peer/settings.ts';
import type { ForgetOutcome } from '../../../shared/peer/verbs.ts';
import { nameOnOrigin } from '../base-path.ts';
import type { FileHandle } from '../file-handle.ts';
import { openIndexedDbStore } from './indexeddb-store.ts';

interface Opened {
  readonly store: PieceStore;
  readonly library: LibraryStore;
  readonly marks: SessionMarks;
  readonly settings: SettingsStore;
  readonly kept: KeptFiles;
  readonly activity: ActivityStore;
  /** [LB16] All that is in the database, of whatever kind. */
  erase(): Promise<ForgetOutcome>;
  /** [LB5] Of a share, for the page to ask the person about. */
  handlesOf(infoHash: InfoHash): Promise<readonly FileHandle[]>;
}

export type OpenedStore = Opened &
  ({ readonly kind: 'lasting' } | { readonly kind: 'passing'; readonly why: WhyPassing });

/** What is stored here belongs to another version of the page: a newer one, or an older one that is still open. */
export type WhyPassing = 'newer' | 'older' | 'unavailable';

export async function openStore(basePath: string): Promise<OpenedStore> {
  const opening = await openIndexedDbStore(nameOnOrigin(basePath));
  if (opening.kind === 'opened') {
    const { store, library, marks, settings, kept, activity, erase } = opening;
    const handlesOf: Opened['handlesOf'] = (infoHash) => kept.handlesOf(infoHash);
    return { kind: 'lasting', store, library, marks, settings, kept, activity, erase, handlesOf };
  }
  return {
    ...{ kind: 'passing', why: opening.why },
    ...{ store: new MemoryStore(), library: new MemoryLibrary(), marks: new MemoryMarks() },
    ...{ settings: new MemorySettings(), kept: NOTHING_KEPT, handlesOf: async () => [] },
    ...{ activity: new MemoryActivity(), erase: async () => 'forgotten' as const },
  };
}
