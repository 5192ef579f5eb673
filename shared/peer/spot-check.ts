/**
 * [LB8] Whether what the store has of a share is what was verified when it was put. Transactions that were committed are
 * trusted, but a browser that was killed, or whose power was cut, may have lost the bytes behind them: so the pieces that
 * were put last and some others are read and hashed, and all of them if one is not right. What is wrong is dropped, so
 * that it is written when it comes again. Knows no machine.
 */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { sha256Hex } from './digests.ts';
import { CHECKED_AT_ONCE, LATEST_PIECES } from './limits.ts';
import type { PieceStore } from './piece-store.ts';
import type { Digest, Entropy } from './ports.ts';
import { sampled } from './sampled.ts';

export interface SpotCheckPorts {
  readonly store: PieceStore;
  readonly digest: Digest;
  readonly entropy: Entropy;
}

interface Share {
  readonly infoHash: InfoHash;
  readonly manifest: Manifest;
}

type Found = 'right' | 'wrong' | 'unreadable';

/** Those of the stored pieces that are right, ascending, as far as was looked. */
export async function spotChecked(
  share: Share,
  stored: readonly number[],
  ports: SpotCheckPorts,
): Promise<readonly number[]> {
  const latest = await ports.store.latestPieces(share.infoHash, LATEST_PIECES);
  const chosen = [...sampled(stored.length, ports.entropy)].map((at) => stored[at] ?? -1);
  const looked = new Set([...chosen, ...latest.filter((piece) => stored.includes(piece))]);
  const found = await lookAt(share, [...looked], ports);
  if ([...found.values()].every((what) => what === 'right')) return stored;
  const others = stored.filter((piece) => !found.has(piece));
  for (const [piece, what] of await lookAt(share, others, ports)) found.set(piece, what);
  const wrong = stored.filter((piece) => found.get(piece) === 'wrong');
  await ports.store.dropContent(wrong.map((piece) => share.manifest.pieces[piece]?.sha256 ?? ''));
  return stored.filter((piece) => found.get(piece) === 'right');
}

/** A few at a time: they are in memory whole. */
async function lookAt(
  { infoHash, manifest }: Share,
  pieces: readonly number[],
  { store, digest }: SpotCheckPorts,
): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  const left = pieces.values();
  const look = async (): Promise<void> => {
    for (const piece of left) {
      const bytes = await store.piece(infoHash, piece);
      const sha256 = bytes === null ? null : await sha256Hex(digest, bytes);
      const isRight = sha256 === manifest.pieces[piece]?.sha256;
      found.set(piece, sha256 === null ? 'unreadable' : isRight ? 'right' : 'wrong');
    }
  };
  await Promise.all(Array.from({ length: CHECKED_AT_ONCE }, look));
  return found;
}
