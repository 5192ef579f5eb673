/**
 * Tells that something in a folder may be other than before ([HL15]): at once where the system says so, and every so
 * often, because it may not (network drives, folders below). Knows nothing of what lies there.
 */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Clock } from '../../shared/peer/ports.ts';

/** ms from the last sign to the look: who copies writes for a while … */
const STILL_MS = 500;
/** … and ms between two looks without any. */
export const LOOK_EVERY_MS = 15_000;

/** Answers how to end it. */
export function watchFolder(folder: string, clock: Clock, changed: () => void): () => void {
  let cancelLook = clock.after(LOOK_EVERY_MS, again);
  let cancelStill = (): void => undefined;
  function again(): void {
    cancelLook = clock.after(LOOK_EVERY_MS, again);
    changed();
  }
  const watcher = openWatcher(folder, () => {
    cancelStill();
    cancelStill = clock.after(STILL_MS, changed);
  });
  return () => {
    cancelLook();
    cancelStill();
    watcher?.close();
  };
}

/** Null: this system, or this folder, cannot be watched, and is looked at now and then. */
function openWatcher(folder: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
