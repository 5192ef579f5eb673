/**
 * [SA6] Saving where there is no service worker (private windows, storage in memory): the file as a Blob of stored
 * pieces behind a link with a `download` attribute; what is saved as a zip is built as a Blob. Loaded when first used.
 */
import { makeZip } from 'client-zip';
import type { InfoHash } from '../../shared/ids.ts';
import { downloadBlob } from '../state/blob-download.ts';
import type { Session } from '../state/session.ts';
import type { BlobPlan } from '../worker/contract.ts';
import { BlobGatherer } from '../worker/saving/gathered-blob.ts';

export type BlobSave = { kind: 'saved' } | { kind: 'failed'; why: string };

const GONE =
  'a part of it is no longer in this browser’s storage; open the link again to fetch what is missing';

/** `one`: that file alone; null: all that is wanted. */
export async function blobSave(
  infoHash: InfoHash,
  session: Pick<Session, 'blobPlan' | 'blobOf'>,
  one: number | null,
): Promise<BlobSave> {
  const plan = await session.blobPlan(infoHash, one);
  if (plan === null) return { kind: 'failed', why: GONE };
  const { file, name, entries } = plan;
  const blob =
    file === 'zip' ? await zipOf(infoHash, entries, session) : await session.blobOf(infoHash, file);
  if (blob === null) return { kind: 'failed', why: GONE };
  downloadBlob(blob, name);
  return { kind: 'saved' };
}

async function zipOf(
  infoHash: InfoHash,
  entries: BlobPlan['entries'],
  session: Pick<Session, 'blobOf'>,
): Promise<Blob | null> {
  const inputs = [];
  for (const entry of entries) {
    if (entry.kind === 'folder') {
      inputs.push(entry);
      continue;
    }
    const input = await session.blobOf(infoHash, entry.file);
    if (input === null) return null;
    inputs.push({ ...entry, input });
  }
  const gatherer = new BlobGatherer();
  const zip = makeZip(inputs).getReader();
  for (let read = await zip.read(); !read.done; read = await zip.read()) {
    gatherer.add(new Uint8Array(read.value)); // some chunks are the archiver's own
  }
  return gatherer.whole('application/zip');
}
