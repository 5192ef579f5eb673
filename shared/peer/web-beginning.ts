/** A file at a web address as it is opened again while it has no hashes ([WS20]). Knows no machine and no network. */
import type { Manifest } from '../manifest/manifest.ts';
import { inputsFor } from './beginning.ts';
import type { Beginning } from './beginning.ts';
import { StoreSource } from './block-sources.ts';
import type { LibraryEntry, WebFile } from './library-store.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PeerPorts } from './ports.ts';
import { storedHashes } from './stored-hashes.ts';

/** With what is stored of it. The address stands with the entry, the hashes of what is here nowhere. */
export async function ofWeb(
  kept: Manifest,
  { infoHash, intent }: LibraryEntry,
  web: WebFile,
  ports: Pick<PeerPorts, 'store' | 'digest'>,
  cache: PieceCache,
): Promise<Beginning> {
  const manifest = { ...kept, urls: [{ url: web.url, file: 0 }] };
  const hashes = await storedHashes({ infoHash, manifest }, new Set(web.doubted), ports);
  const { size, etag, lastModified } = web;
  return {
    ...{ role: 'receiving', manifest, files: null, filesMissing: null, saved: false },
    owned: [...hashes.keys()],
    source: new StoreSource(infoHash, ports, cache),
    asLeft: [{ kind: 'web-seeds-allowed', allowed: web.byOthers !== true }, ...inputsFor(intent)],
    web: { facts: { size, etag, lastModified }, hashes },
    sha256: web.sha256,
  };
}
