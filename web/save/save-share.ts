/**
 * Puts a finished share into the browser's downloads, without a picker and without building it in memory ([SA1]):
 * through the service worker, else as a Blob. A plain file keeps its name, everything else goes as one zip. Where that was
 * begun while it came, only waits for its end ([SA16]). Knows nothing of views.
 */
import { chunk } from '../state/chunks.ts';
import type { SaveHeard, SaveShare } from '../state/session.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import type * as BlobSave from './blob-save.ts';
import { ComingSaves } from './coming-saves.ts';
import { NOT_LOADED } from './not-loaded.ts';
import {
  activeServiceWorker,
  answerVersionQuestions,
  presentServiceWorker,
  registerServiceWorker,
} from './service-worker.ts';
import type { NewerHeard } from './service-worker.ts';
import { endOf, streamedSave } from './streamed-save.ts';
import { hearTold } from './told-saves.ts';

/**
 * Called once, while the server is there or an earlier visit has left a service worker. What saves without one is
 * fetched now where it will be needed.
 */
export async function prepareSaving(script: string, heard: SaveHeard, newer?: NewerHeard): Promise<void> {
  if (import.meta.env.PROD) answerVersionQuestions(script);
  const registered = await registerServiceWorker(newer);
  // One that is not active yet may never be: what it installs comes from the server.
  if (registered === 'not-here' || (await presentServiceWorker()) === null) await loadBlobSave();
  if (registered === 'registered') await hearTold(heard);
}

export const saveShare: SaveShare = async (transfer, session, ended, one) => {
  if (one === 'due') return saveDue(transfer, session, ended);
  const { infoHash, manifest, wanted } = transfer;
  if (manifest === null) return { kind: 'failed', why: 'its list of files is not here yet' };
  const worker = await activeServiceWorker();
  if (worker !== null) {
    const file = one ?? savedWhole(manifest, wanted);
    const streamed = await streamedSave(worker, { infoHash, file }, ended);
    if (streamed.kind !== 'impossible') return streamed;
  }
  const loaded = await loadBlobSave();
  if (loaded === null) return { kind: 'failed', why: NOT_LOADED };
  const outcome = await loaded.blobSave(infoHash, session, one ?? null);
  ended(outcome);
  return outcome.kind === 'saved' ? { kind: 'started' } : outcome;
};

export const comingSaves = new ComingSaves();

/** [SA18] Once, by itself: what broke off while it came is saved anew, but for what was cancelled in the browser. */
const saveDue: SaveShare = async (transfer, session, ended) => {
  const coming = comingSaves.finish(transfer.infoHash);
  if (coming === null) return saveShare(transfer, session, ended);
  void coming.then(async (cameTo) => {
    if (cameTo === 'saved') return ended(endOf({ kind: 'saved' }));
    if (cameTo === 'cancelled') return ended(endOf({ kind: 'failed', why: 'cancelled' }));
    const anew = await saveShare(transfer, session, ended);
    if (anew.kind !== 'started') ended(anew);
  });
  return { kind: 'started' };
};

/** Null where the server is away and nothing on this device has it; asked again with the next save. */
function loadBlobSave(): Promise<typeof BlobSave | null> {
  return chunk(() => import('./blob-save.ts')).catch(() => null);
}
