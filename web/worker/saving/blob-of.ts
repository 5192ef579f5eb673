/**
 * [SA6] What a stored share is saved as, and each file of it as a Blob: the way to disk where there is no service
 * worker.
 */
import type { InfoHash } from '../../../shared/ids.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { storedManifest } from '../../../shared/peer/stored-manifest.ts';
import { BlobGatherer } from './gathered-blob.ts';
import { renamedAlone, renamedIn } from './renamed.ts';
import type { Renamed } from './renamed.ts';
import type { SaveTarget } from './save-messages.ts';
import { savedWhole, wantedFile } from './save-plan.ts';
import { ShareReader, MissingPiece } from './share-reader.ts';
import { downloadName, zipEntries } from './zip-entries.ts';
import { wantedOf } from './wanted-of.ts';
import type { KeptShares } from './wanted-of.ts';
import type { ZipEntry } from './zip-entries.ts';

export interface BlobPlan {
  readonly file: SaveTarget['file'];
  /** The download's own name. */
  readonly name: string;
  /** Of a zip. */
  readonly entries: readonly ZipEntry[];
  /** [SA15] The names that are others than in the share. */
  readonly renamed: readonly Renamed[];
}

/** `one`: that file alone; null: all that is wanted. Null where the share is not in the store. */
export async function blobPlan(
  kept: KeptShares,
  infoHash: InfoHash,
  one: number | null,
): Promise<BlobPlan | null> {
  const stored = await wantedOf(kept, infoHash);
  if (stored === null) return null;
  const { manifest, files } = stored;
  if (one !== null && manifest.files[one] === undefined) return null;
  const file = one ?? savedWhole(manifest, wantedFile(files));
  const entries = file === 'zip' ? zipEntries(manifest, files) : [];
  const name = downloadName(manifest, file);
  const renamed = file === 'zip' ? renamedIn(manifest, files) : renamedAlone(manifest, file, name);
  return { file, name, entries, renamed };
}

/** Null where the share or one of the file's pieces is not in the store. */
export async function blobOf(store: PieceStore, infoHash: InfoHash, file: number): Promise<Blob | null> {
  const manifest = await storedManifest(store, infoHash);
  if (manifest?.files[file] === undefined) return null;
  try {
    const gatherer = new BlobGatherer();
    for await (const chunk of new ShareReader(store, infoHash, manifest).chunks(file)) gatherer.add(chunk);
    return gatherer.whole('application/octet-stream');
  } catch (error) {
    if (error instanceof MissingPiece) return null;
    throw error;
  }
}
