/** The manifest of a share as the store keeps it: parsed anew each time, as everything that was not made here just now. */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { parseManifest } from '../manifest/resource.ts';
import type { PieceStore } from './piece-store.ts';

/** Null where the share is not in the store, or what is there is no manifest. */
export async function storedManifest(store: PieceStore, infoHash: InfoHash): Promise<Manifest | null> {
  const record = await store.share(infoHash);
  const parsed = record === null ? null : parseManifest(record.manifest);
  return parsed?.kind === 'parsed' ? parsed.manifest : null;
}
