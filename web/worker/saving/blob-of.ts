/**
 * [SA6] One file of a stored share as a Blob, the way to disk where there is no service worker. Pieces go into inner
 * Blobs group by group: a browser may move a finished Blob out of memory, a list of buffers it cannot.
 */
import type { InfoHash } from '../../../shared/ids.ts';
import { parseManifest } from '../../../shared/manifest/resource.ts';
import { BLOB_GROUP_BYTES } from '../../../shared/peer/limits.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { ShareReader, MissingPiece } from './share-reader.ts';

/** Null where the share or one of the file's pieces is not in the store. */
export async function blobOf(store: PieceStore, infoHash: InfoHash, file: number): Promise<Blob | null> {
  const record = await store.share(infoHash);
  const parsed = record === null ? null : parseManifest(record.manifest);
  if (parsed?.kind !== 'parsed' || parsed.manifest.files[file] === undefined) return null;
  try {
    return await gathered(new ShareReader(store, infoHash, parsed.manifest).chunks(file));
  } catch (error) {
    if (error instanceof MissingPiece) return null;
    throw error;
  }
}

async function gathered(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const groups: Blob[] = [];
  let group: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    group.push(chunk);
    bytes += chunk.length;
    if (bytes < BLOB_GROUP_BYTES) continue;
    groups.push(new Blob(group));
    [group, bytes] = [[], 0];
  }
  return new Blob([...groups, ...group], { type: 'application/octet-stream' });
}
