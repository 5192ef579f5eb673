/**
 * [LB2] What only one tab of a browser does: the first one, for as long as it is there. Where there are no Web Locks
 * every tab takes itself for it.
 */
import { nameOnOrigin } from './base-path.ts';

/** Settles when it is known whether this is the first one, and `work` has begun if it is. */
export async function whileFirst(basePath: string, work: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) {
    void work();
    return;
  }
  const name = nameOnOrigin(basePath, '-first');
  const forEver = new Promise<never>(() => undefined);
  await new Promise<void>((decided, failed) => {
    const held = navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      const working = work();
      decided();
      await working;
      await forEver; // the lock goes with the tab
    });
    void held.then(decided, (error: unknown) => {
      failed(error);
      throw error; // nobody waits for what follows the decision: the worker says that it broke
    });
  });
}
