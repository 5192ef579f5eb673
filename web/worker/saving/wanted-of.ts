/** [SA12] What is wanted of a stored share, as far as it is kept: what every way to save begins with. */
import type { ChosenFiles } from '../../../shared/manifest/file-pieces.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import type { LibraryStore } from '../../../shared/peer/library-store.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { storedManifest } from '../../../shared/peer/stored-manifest.ts';

export interface KeptShares {
  readonly store: PieceStore;
  readonly library: Pick<LibraryStore, 'entry'>;
}

export interface WantedShare {
  readonly manifest: Manifest;
  /** Null: all of them. */
  readonly files: ChosenFiles;
}

/** Null where the share is not in the store. */
export async function wantedOf(
  { store, library }: KeptShares,
  infoHash: InfoHash,
): Promise<WantedShare | null> {
  const [manifest, entry] = await Promise.all([storedManifest(store, infoHash), library.entry(infoHash)]);
  return manifest === null ? null : { manifest, files: entry?.files ?? null };
}
