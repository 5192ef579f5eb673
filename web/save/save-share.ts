/**
 * Puts a finished share into the browser's downloads, without a picker and without building it in memory ([SA1]):
 * through the service worker, else as a Blob. A plain file keeps its name, everything else goes as one zip. Knows nothing of views.
 */
import type { SaveShare } from '../state/session.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import { blobSave } from './blob-save.ts';
import { activeServiceWorker } from './service-worker.ts';
import { streamedSave } from './streamed-save.ts';

export { registerServiceWorker } from './service-worker.ts';

export const saveShare: SaveShare = async ({ infoHash, manifest }, session, ended) => {
  if (manifest === null) return { kind: 'failed', why: 'its list of files is not here yet' };
  const worker = await activeServiceWorker();
  if (worker !== null) {
    const streamed = await streamedSave(worker, { infoHash, file: savedWhole(manifest) }, ended);
    if (streamed.kind !== 'impossible') return streamed;
  }
  const outcome = await blobSave(infoHash, manifest, session);
  ended(outcome);
  return outcome.kind === 'saved' ? { kind: 'started' } : outcome;
};
