/** A disk in memory, for hosts whose test is about something else. */
import { MemoryActivity } from '../../shared/peer/activity-store.ts';
import { MemoryLibrary } from '../../shared/peer/library.ts';
import { MemoryStore } from '../../shared/peer/memory-store.ts';
import { NOTHING_KEPT } from '../../shared/peer/nothing-kept.ts';
import { MemoryMarks } from '../../shared/peer/session-marks.ts';
import { MemorySettings } from '../../shared/peer/settings.ts';
import { memoryFiles } from '../../shared/peer/testing/memory-files.ts';
import type { HostDisk } from '../host.ts';

export function memoryDisk(): HostDisk {
  return {
    store: new MemoryStore(),
    library: new MemoryLibrary(),
    marks: new MemoryMarks(),
    settings: new MemorySettings(),
    activity: new MemoryActivity(),
    kept: NOTHING_KEPT,
    files: memoryFiles,
  };
}
