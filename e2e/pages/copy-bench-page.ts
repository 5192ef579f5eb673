/**
 * In the browser, loaded as a worker: fills the store with the pieces of one share, then lets the driver of another
 * with the same content get it, with nobody connected.
 */
import { infoHash, peerId } from '../../shared/ids.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { draftManifest } from '../../shared/manifest/draft.ts';
import type { Manifest, ManifestPiece } from '../../shared/manifest/manifest.ts';
import { StoreSource } from '../../shared/peer/block-sources.ts';
import { sha256Hex } from '../../shared/peer/digests.ts';
import type { PieceStore } from '../../shared/peer/piece-store.ts';
import { ShareDriver } from '../../shared/peer/share-driver.ts';
import { StoreWriter } from '../../shared/peer/store-writer.ts';
import { seededRandom } from '../../shared/random.ts';
import { clock, digest } from '../../web/worker/platform.ts';
import { openIndexedDbStore } from '../../web/worker/store/indexeddb-store.ts';

export interface Job {
  readonly kind: 'fill' | 'copy';
  readonly pieces: number;
  readonly pieceBytes: number;
}

const WAITING_PIECES = 64;

async function opened(): Promise<PieceStore> {
  const opening = await openIndexedDbStore('copy');
  if (opening.kind !== 'opened') throw new Error(opening.why);
  return opening.store;
}

function idOf(digits: string): InfoHash {
  const id = infoHash(digits.repeat(32));
  if (id === null) throw new Error('no id');
  return id;
}

/** Of each the same bytes but for its number. */
function contentOf(piece: number, like: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = like.slice();
  new DataView(bytes.buffer).setUint32(0, piece);
  return bytes;
}

function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(1);
  return new Uint8Array(Uint32Array.from({ length: bytes / 4 }, () => random.uint32()).buffer);
}

async function fill({ pieces, pieceBytes }: Job): Promise<number> {
  const writer = new StoreWriter(await opened(), idOf('a1'));
  const like = noise(pieceBytes);
  const started = performance.now();
  const waiting = new Set<Promise<void>>();
  for (let piece = 0; piece < pieces; piece++) {
    const bytes = contentOf(piece, like);
    const sha256 = await sha256Hex(digest, bytes);
    const put: Promise<void> = writer.put({ piece, sha256, bytes }).then(() => void waiting.delete(put));
    waiting.add(put);
    if (waiting.size >= WAITING_PIECES) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  return performance.now() - started;
}

async function manifestOf({ pieces, pieceBytes }: Job): Promise<Manifest> {
  const like = noise(pieceBytes);
  const listed: ManifestPiece[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    listed.push({ sha256: await sha256Hex(digest, contentOf(piece, like)), size: pieceBytes });
  }
  const size = pieces * pieceBytes;
  return draftManifest({
    name: 'copy.bin',
    comment: '',
    trackerHost: 'localhost',
    trackerPort: '0',
    createdAt: 0,
    files: [{ path: ['copy.bin'], size }],
    pieces: listed,
    salt: null,
  }).finish(null);
}

/** From the press of Download until all of it is the share's. */
async function copy(job: Job): Promise<number> {
  const [store, manifest] = [await opened(), await manifestOf(job)];
  const [infoHash, own] = [idOf('b2'), peerId('c3'.repeat(32))];
  if (own === null) throw new Error('no id');
  const nothing = (): void => undefined;
  const started = performance.now();
  await new Promise<void>((done, failed) => {
    const driver = new ShareDriver(
      { own, infoHash, manifest, owned: [], random: seededRandom(1) },
      new StoreSource(infoHash, { store, digest }),
      {
        clock,
        digest,
        store,
        care: { moved: nothing, stored: nothing, makesRoom: async () => false },
        dial: nothing,
        giveUp: nothing,
        announce: nothing,
        changed: nothing,
        reported: ({ kind }) => (kind === 'completed' ? done() : undefined),
        sent: nothing,
        broke: failed,
        swarmChanged: nothing,
      },
    );
    driver.feed({ kind: 'download-requested' });
  });
  const took = performance.now() - started;
  if ((await store.ownedPieces(infoHash)).length !== job.pieces) throw new Error('not all of it');
  return took;
}

globalThis.addEventListener('message', ({ data }: MessageEvent<Job>) => {
  (data.kind === 'fill' ? fill(data) : copy(data)).then(
    (took) => globalThis.postMessage({ took }),
    (error: unknown) => globalThis.postMessage({ error: String(error) }),
  );
});
