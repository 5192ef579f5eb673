/**
 * The door to saving. What is behind it is no part of the start ([SA6]): it is loaded behind the session, when the
 * server is known to be there, and again when it is needed and did not come.
 */
import { chunk } from '../state/chunks.ts';
import type { ComingSaves, SaveHeard, SaveShare } from '../state/session.ts';
import { NOT_LOADED } from './not-loaded.ts';
import type * as SaveShareModule from './save-share.ts';
import type { NewerHeard } from './service-worker.ts';

/** An earlier visit has left a service worker, maybe of an older version. */
export function wasHereBefore(): boolean {
  return 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
}

/**
 * `script`: the address of the page's own; `heard` is told how saves stand that this page did not begin, `newer` of another
 * version of the service worker ([AP6], [SA11]).
 */
export async function prepareSaving(script: string, heard: SaveHeard, newer: NewerHeard): Promise<void> {
  await (await load())?.prepareSaving(script, heard, newer);
}

export const saveShare: SaveShare = async (...given) => {
  const loaded = await load();
  return loaded === null ? { kind: 'failed', why: NOT_LOADED } : loaded.saveShare(...given);
};

let coming: ComingSaves | null = null;

/** [SA16] Of nothing before something is asked for. */
export const comingSaves: ComingSaves = {
  askedFor(...given) {
    void load().then((loaded) => {
      coming = loaded?.comingSaves ?? null;
      coming?.askedFor(...given);
    });
  },
  taken: (transfer) => coming?.taken(transfer),
  removed: (infoHash) => coming?.removed(infoHash),
};

/** Null where the server is away and nothing on this device has it. */
function load(): Promise<typeof SaveShareModule | null> {
  return chunk(() => import('./save-share.ts')).catch(() => null);
}
