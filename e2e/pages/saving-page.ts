/** In the browser: puts a made-up share into storage and saves it as the product's page does. */
import { openDB } from 'idb';
import { pieceSizes } from '../../shared/geometry.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { draftManifest } from '../../shared/manifest/draft.ts';
import { serialiseManifest } from '../../shared/manifest/resource.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { encodeUtf8 } from '../../shared/utf8.ts';
import { saveShare } from '../../web/save/save-share.ts';
import { registerServiceWorker } from '../../web/save/service-worker.ts';
import type { SaveEnd, SaveOutcome, Transfer } from '../../web/state/session.ts';
import { sha256Base64url, sha256Hex } from '../../shared/peer/digests.ts';
import { digest } from '../../web/worker/platform.ts';
import { blobOf, blobPlan } from '../../web/worker/saving/blob-of.ts';
import type { Place } from '../../web/worker/store/schema.ts';
import { openStore } from '../../web/worker/store/open-store.ts';
import type { OpenedStore } from '../../web/worker/store/open-store.ts';
import { StoreWriter } from '../../shared/peer/store-writer.ts';
import { madePiece } from './made-share.ts';
import type { MadeShare } from './made-share.ts';

const manifests = new Map<InfoHash, Manifest>();
let opened: Promise<OpenedStore> | null = null;

async function seed(made: MadeShare, left: readonly number[] = []): Promise<InfoHash> {
  const { store } = await (opened ??= openStore('/'));
  const infoHash = (await sha256Hex(digest, encodeUtf8(`${made.name} ${made.seed}`))) as InfoHash;
  const writer = new StoreWriter(store, infoHash);
  const total = made.files.reduce((sum, { size }) => sum + size, 0);
  const pieces = [];
  for (const [piece, size] of pieceSizes(total, made.pieceBytes).entries()) {
    const bytes = madePiece(made, piece, size);
    const sha256 = await sha256Hex(digest, bytes);
    pieces.push({ sha256, size });
    if (left.includes(piece)) continue;
    const put = await writer.put({ piece, sha256, bytes });
    if (put.kind !== 'stored') throw new Error(put.why);
  }
  const manifest = await manifestOf(made, pieces);
  manifests.set(infoHash, manifest);
  const text = serialiseManifest(manifest);
  if (text === null) throw new Error('the manifest is too large');
  await store.putShare({ infoHash, manifest: text, addedAt: 0 });
  return infoHash;
}

async function manifestOf(made: MadeShare, pieces: Manifest['pieces']): Promise<Manifest> {
  const draft = draftManifest({
    ...made,
    comment: '',
    trackerHost: 'localhost',
    trackerPort: '8000',
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 6),
    pieces,
    salt: 'A'.repeat(22),
  });
  return draft.finish(await sha256Base64url(digest, encodeUtf8(draft.shoalText ?? '')));
}

interface SavedReport {
  readonly outcome: SaveOutcome;
  readonly end: Promise<SaveEnd>;
}

async function save(infoHash: InfoHash): Promise<SavedReport> {
  const kept = await (opened ??= openStore('/'));
  const transfer = { infoHash, manifest: manifests.get(infoHash) ?? null } as unknown as Transfer;
  const session = {
    blobPlan: (share: InfoHash, file: number | null) => blobPlan(kept, share, file),
    blobOf: (share: InfoHash, file: number) => blobOf(kept.store, share, file),
  };
  const end = Promise.withResolvers<SaveEnd>();
  const outcome = await saveShare(transfer, session as Parameters<typeof saveShare>[1], end.resolve);
  return { outcome, end: end.promise };
}

/** Cuts the segment short that a stored piece lies in, behind everybody's back. */
async function damage(infoHash: InfoHash, piece: number): Promise<void> {
  const database = await openDB('shoal');
  const transaction = database.transaction(['places', 'pieces'], 'readwrite');
  const place = (await transaction.objectStore('places').get([infoHash, piece])) as Place;
  void transaction.objectStore('pieces').put(new ArrayBuffer(place.offset + 3), place.segment);
  await transaction.done;
  database.close();
}

const verbs = { registerServiceWorker, seed, save, damage };
export type SavingPage = typeof verbs;
Object.assign(globalThis, { saving: verbs });
