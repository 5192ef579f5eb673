/**
 * Puts a finished share into the browser's downloads, without a picker and without building it in memory ([SA1]):
 * through the service worker, else as a Blob. A plain file keeps its name, everything else goes as one zip. Knows
 * nothing of views.
 */
import type { SaveShare } from '../state/session.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import type * as BlobSave from './blob-save.ts';
import { activeServiceWorker, registerServiceWorker } from './service-worker.ts';
import { streamedSave } from './streamed-save.ts';

const NOT_LOADED = 'the server, from which the page loads what saves a file, cannot be reached';

/**
 * Called once after the first paint, while the server is there. What saves without a service worker is no part of the
 * start and is fetched now, where it will be needed.
 */
export async function prepareSaving(): Promise<void> {
  if ((await registerServiceWorker()) === 'not-here') await loadBlobSave();
}

export const saveShare: SaveShare = async ({ infoHash, manifest }, session, ended) => {
  if (manifest === null) return { kind: 'failed', why: 'its list of files is not here yet' };
  const worker = await activeServiceWorker();
  if (worker !== null) {
    const streamed = await streamedSave(worker, { infoHash, file: savedWhole(manifest) }, ended);
    if (streamed.kind !== 'impossible') return streamed;
  }
  const loaded = await loadBlobSave();
  if (loaded === null) return { kind: 'failed', why: NOT_LOADED };
  const outcome = await loaded.blobSave(infoHash, session);
  ended(outcome);
  return outcome.kind === 'saved' ? { kind: 'started' } : outcome;
};

/** Null where the server is away and nothing on this device has it; asked again with the next save. */
function loadBlobSave(): Promise<typeof BlobSave | null> {
  return import('./blob-save.ts').catch(() => null);
}
