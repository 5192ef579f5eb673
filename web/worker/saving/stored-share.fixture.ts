/** For tests: a share with made-up content in a store in memory, as a download leaves it behind. */
import { pieceSizes } from '../../../shared/geometry.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import { draftManifest } from '../../../shared/manifest/draft.ts';
import type { DraftRequest } from '../../../shared/manifest/draft.ts';
import { serialiseManifest } from '../../../shared/manifest/resource.ts';
import { piecesOf } from '../../../shared/manifest/file-pieces.ts';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import { MemoryLibrary } from '../../../shared/peer/library.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';

export interface StoredShare {
  readonly store: MemoryStore;
  readonly library: MemoryLibrary;
  readonly infoHash: InfoHash;
  readonly manifest: Manifest;
  /** All files' bytes, one after another. */
  readonly content: Uint8Array;
}

const PIECE_BYTES = 100;

/** Nothing here is hashed: of each piece another one, as hashes are. */
const madeUpSha256 = (piece: number): string => piece.toString(16).padStart(64, '0');

/** Created 2026-01-02 03:04:06 UTC. `pieces` are made here. `wanted`: those files are, and of the others nothing is stored. */
export async function storedShare(
  share: Pick<DraftRequest, 'name' | 'files' | 'folders'>,
  wanted: readonly number[] | null = null,
): Promise<StoredShare> {
  const total = share.files.reduce((sum, { size }) => sum + size, 0);
  const content = new Uint8Array(total).map((_, at) => (at * 7 + (at >> 8)) & 255);
  const sizes = pieceSizes(total, PIECE_BYTES);
  const manifest = draftManifest({
    ...share,
    comment: '',
    trackerHost: 'localhost',
    trackerPort: '8000',
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 6),
    pieces: sizes.map((size, piece) => ({ sha256: madeUpSha256(piece), size })),
    salt: 'A'.repeat(22),
  }).finish('A'.repeat(43));
  const infoHash = '0a'.repeat(32) as InfoHash;
  const store = new MemoryStore();
  const text = serialiseManifest(manifest);
  if (text === null) throw new Error('the manifest is too large');
  await store.putShare({ infoHash, manifest: text, addedAt: 0 });
  const pieces = sizes.map((size, piece) => ({
    piece,
    sha256: madeUpSha256(piece),
    bytes: content.slice(piece * PIECE_BYTES, piece * PIECE_BYTES + size),
  }));
  const here = wanted === null ? null : piecesOf(manifest, wanted);
  await store.putPieces(
    infoHash,
    pieces.filter(({ piece }) => here?.has(piece) !== false),
  );
  return { store, library: await libraryOf(infoHash, manifest, wanted), infoHash, manifest, content };
}

async function libraryOf(
  infoHash: InfoHash,
  { name, totalBytes, files: all }: Manifest,
  files: readonly number[] | null,
): Promise<MemoryLibrary> {
  const library = new MemoryLibrary();
  const facts = { name, totalBytes, fileCount: all.length, addedAt: 1, finishedAt: 2, savedAt: null };
  await library.put({ infoHash, role: 'receiving', intent: 'sharing', ...facts, files });
  return library;
}
