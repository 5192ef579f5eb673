/**
 * [LB2] What only one tab of a browser does: the first one, for as long as it is there. Where there are no Web Locks
 * every tab takes itself for it.
 */
import { nameOnOrigin } from './base-path.ts';

export async function whileFirst(basePath: string, work: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) return work();
  const name = nameOnOrigin(basePath, '-first');
  const forEver = new Promise<never>(() => undefined);
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    await work();
    await forEver; // the lock goes with the tab
  });
}
