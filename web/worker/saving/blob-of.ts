/**
 * [SA6] What a stored share is saved as, and each file of it as a Blob: the way to disk where there is no service
 * worker. Pieces go into inner Blobs group by group: a browser may move a finished Blob out of memory, a list of buffers
 * it cannot.
 */
import type { InfoHash } from '../../../shared/ids.ts';
import { BLOB_GROUP_BYTES } from '../../../shared/peer/limits.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { storedManifest } from '../../../shared/peer/stored-manifest.ts';
import type { SaveTarget } from './save-messages.ts';
import { savedWhole } from './save-plan.ts';
import { ShareReader, MissingPiece } from './share-reader.ts';
import { downloadName, zipEntries } from './zip-entries.ts';
import type { ZipEntry } from './zip-entries.ts';

export interface BlobPlan {
  readonly file: SaveTarget['file'];
  /** The download's own name. */
  readonly name: string;
  /** Of a zip. */
  readonly entries: readonly ZipEntry[];
}

/** Null where the share is not in the store. */
export async function blobPlan(store: PieceStore, infoHash: InfoHash): Promise<BlobPlan | null> {
  const manifest = await storedManifest(store, infoHash);
  if (manifest === null) return null;
  const file = savedWhole(manifest);
  const entries = file === 'zip' ? zipEntries(manifest) : [];
  return { file, name: downloadName(manifest, file), entries };
}

/** Null where the share or one of the file's pieces is not in the store. */
export async function blobOf(store: PieceStore, infoHash: InfoHash, file: number): Promise<Blob | null> {
  const manifest = await storedManifest(store, infoHash);
  if (manifest?.files[file] === undefined) return null;
  try {
    return await gathered(new ShareReader(store, infoHash, manifest).chunks(file));
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
