/**
 * [WS22] A second look at what was here of a file without hashes when it was opened again: who sent it nobody knows any more,
 * nor what of it had been looked at. Parts of it, drawn by chance, are asked of the server. Knows no machine.
 */
import { Geometry } from '../geometry.ts';
import type { InfoHash } from '../ids.ts';
import { BLOCK_GRID_BYTES, SAMPLE_BYTES } from '../limits.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { Random } from '../random.ts';
import { validatorOf } from '../url/validator.ts';
import type { WebFile } from './library-store.ts';
import type { PieceStore } from './piece-store.ts';
import type { Clock, RangeOrder, WebRanges } from './ports.ts';

/** Of a twentieth that is false none is among so many once in a hundred times: 0.95^95 < 0.01. */
const LOOKS = 95;
const AT_ONCE = 4;
/** ms that an answer may take. */
const PATIENCE_MS = 30_000;

interface Kept {
  readonly infoHash: InfoHash;
  readonly manifest: Manifest;
  readonly web: WebFile;
  /** That were here. */
  readonly pieces: readonly number[];
}

interface LookPorts {
  readonly store: Pick<PieceStore, 'piece'>;
  readonly webRanges: WebRanges;
  readonly random: Random;
  readonly clock: Pick<Clock, 'after'>;
}

/** False: the server has something else. What it does not answer is let be. */
export async function isAsServerHas(kept: Kept, ports: LookPorts): Promise<boolean> {
  let isSame = true;
  const left = drawn(kept, ports.random).values();
  const look = async (): Promise<void> => {
    for (const place of left) if (isSame && !(await isRight(kept, place, ports))) isSame = false;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return isSame;
}

interface Place {
  readonly piece: number;
  readonly offset: number;
  readonly length: number;
}

function drawn({ manifest, pieces }: Kept, random: Random): Place[] {
  const sizes = pieces.map((piece) => manifest.pieces[piece]?.size ?? 0);
  const cells = sizes.flatMap((size, nth) =>
    Array.from({ length: Math.ceil(size / BLOCK_GRID_BYTES) }, (_, cell) => ({ nth, cell })),
  );
  const places: Place[] = [];
  for (let look = 0; look < LOOKS && cells.length > 0; look++) {
    const at = random.below(cells.length);
    const [{ nth, cell } = { nth: 0, cell: 0 }] = cells.splice(at, 1);
    const begin = cell * BLOCK_GRID_BYTES;
    const bytes = Math.min(BLOCK_GRID_BYTES, (sizes[nth] ?? 0) - begin);
    const length = Math.min(SAMPLE_BYTES, bytes);
    places.push({ piece: pieces[nth] ?? 0, offset: begin + random.below(bytes - length + 1), length });
  }
  return places;
}

async function isRight(
  { infoHash, manifest, web }: Kept,
  { piece, offset, length }: Place,
  { store, webRanges, clock }: LookPorts,
): Promise<boolean> {
  const stored = await store.piece(infoHash, piece);
  if (stored === null) return true;
  const from = new Geometry(manifest.pieces).pieceOffset(piece) + offset;
  const order = { url: web.url, from, length, size: web.size, validator: validatorOf(web) };
  const there = await fetched(webRanges, order, clock);
  return there === null || there.every((byte, at) => byte === stored[offset + at]);
}

/** Null: it did not come. */
function fetched(
  webRanges: WebRanges,
  order: RangeOrder,
  clock: Pick<Clock, 'after'>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return new Promise((resolve) => {
    const bytes = new Uint8Array(order.length);
    let filled = 0;
    const over = (all: Uint8Array<ArrayBuffer> | null): void => {
      cancel();
      resolve(all);
    };
    const giveUp = webRanges.fetch(order, {
      came(part) {
        const some = part.subarray(0, bytes.length - filled);
        bytes.set(some, filled);
        filled += some.length;
      },
      ended: () => over(filled === bytes.length ? bytes : null),
      failed: () => over(null),
    });
    const cancel = clock.after(PATIENCE_MS, () => {
      giveUp();
      over(null);
    });
  });
}
