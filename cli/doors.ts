/** The real doors: what stands behind each of them is loaded when a command opens it. Nothing else. */
import { notDone } from './commands/exit.ts';
import type { Doors } from './commands/ports.ts';
import { clock, digest, entropy, files } from './node-platform.ts';

/** A copy of Shoal that was not put together whole. */
function missing(): Promise<never> {
  return Promise.reject(notDone('A part of this copy of Shoal is missing: get it again as a whole.'));
}

export const doors: Doors = {
  platform: async () => ({ clock, digest, entropy, files }),
  chosenPaths: missing,
  verifyFiles: missing,
  openDisk: missing,
  startHost: missing,
  trackerSocket: missing,
};
