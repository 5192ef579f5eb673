/**
 * [WS20] The hashes of what is stored of a file of which nobody knows them: read again when it is opened again, since they
 * stand nowhere; and that of the whole ([WS26]). Knows no machine.
 */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { sha256Hex } from './digests.ts';
import { CHECKED_AT_ONCE } from './limits.ts';
import type { PieceStore } from './piece-store.ts';
import type { Digest, WholeDigest } from './ports.ts';

/** Of the pieces that are stored whole and not among `but`. */
export async function storedHashes(
  { infoHash, manifest }: { readonly infoHash: InfoHash; readonly manifest: Manifest },
  but: ReadonlySet<number>,
  { store, digest }: { readonly store: PieceStore; readonly digest: Digest },
): Promise<Map<number, string>> {
  const hashes = new Map<number, string>();
  const left = (await store.ownedPieces(infoHash)).filter((piece) => !but.has(piece)).values();
  const read = async (): Promise<void> => {
    for (const piece of left) {
      const bytes = await store.piece(infoHash, piece);
      if (bytes === null || bytes.length !== manifest.pieces[piece]?.size) continue;
      hashes.set(piece, await sha256Hex(digest, bytes));
    }
  };
  await Promise.all(Array.from({ length: CHECKED_AT_ONCE }, read));
  return hashes;
}

/** In lowercase hex; null: not all of it is here. */
export async function storedDigest(
  { infoHash, manifest }: { readonly infoHash: InfoHash; readonly manifest: Manifest },
  { store, wholeDigest }: { readonly store: PieceStore; readonly wholeDigest: () => WholeDigest },
): Promise<string | null> {
  const whole = wholeDigest();
  for (const [piece, { size }] of manifest.pieces.entries()) {
    const bytes = await store.piece(infoHash, piece);
    if (bytes?.length !== size) return null;
    whole.update(bytes);
  }
  return whole.hex();
}
