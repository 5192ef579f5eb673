/**
 * Shares to test with: real files of seeded noise, really hashed, with a real manifest. Node's SHA-256 is at home
 * here, because tests alone import this folder.
 */
import { createHash } from 'node:crypto';
import { infoHash } from '../../ids.ts';
import type { InfoHash } from '../../ids.ts';
import { draftManifest } from '../../manifest/draft.ts';
import { manifestPreimage, serialiseManifest } from '../../manifest/resource.ts';
import type { Manifest, ShareFile } from '../../manifest/resource.ts';
import { seededRandom } from '../../random.ts';

export interface TestShare {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
  readonly infoHash: InfoHash;
  /** All files' bytes, one after another. */
  readonly bytes: Uint8Array;
  /** Each piece's bytes. */
  readonly pieces: readonly Uint8Array[];
}

export interface ShareShape {
  /** Sizes of the pieces in bytes. */
  readonly pieces: readonly number[];
  /** Default: one file of all bytes. */
  readonly files?: readonly ShareFile[];
  /** Null: a plain TorrentInno resource without Shoal's key. */
  readonly salt?: string | null;
  readonly seed?: number;
  readonly comment?: string;
  readonly urls?: Manifest['urls'];
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function sha256Base64url(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

/** `count` pieces of `size` bytes, the last one of `last`. */
export function evenPieces(count: number, size: number, last = size): number[] {
  return Array.from({ length: count }, (_, nth) => (nth === count - 1 ? last : size));
}

export function makeShare(shape: ShareShape): TestShare {
  const total = shape.pieces.reduce((sum, size) => sum + size, 0);
  return shareWith(noise(total, shape.seed ?? 1), shape);
}

/** One share of the bytes and the pieces of several, one behind the other. */
export function joinedShare(shares: readonly TestShare[]): TestShare {
  const pieces = shares.flatMap((share) => share.pieces.map(({ length }) => length));
  return shareWith(Buffer.concat(shares.map(({ bytes }) => bytes)), { pieces });
}

function shareWith(bytes: Uint8Array, shape: ShareShape): TestShare {
  const total = bytes.length;
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of shape.pieces) pieces.push(bytes.subarray(at, (at += size)));
  const draft = draftManifest({
    name: 'share.bin',
    comment: shape.comment ?? 'a test',
    trackerHost: '127.0.0.1',
    trackerPort: '8000',
    createdAt: 1_750_000_000_000,
    files: shape.files ?? [{ path: ['share.bin'], size: total }],
    pieces: pieces.map((piece) => ({ sha256: sha256(piece), size: piece.length })),
    urls: shape.urls ?? [],
    salt: shape.salt === undefined ? 'AAAAAAAAAAAAAAAAAAAAAA' : shape.salt,
  });
  const { shoalText } = draft;
  const manifest = draft.finish(
    shoalText === null ? null : sha256Base64url(new TextEncoder().encode(shoalText)),
  );
  return shareOf(manifest, bytes, pieces);
}

function shareOf(manifest: Manifest, bytes: Uint8Array, pieces: readonly Uint8Array[]): TestShare {
  const hash = infoHash(sha256(manifestPreimage(manifest)));
  const manifestBytes = serialiseManifest(manifest);
  if (hash === null || manifestBytes === null) throw new Error('the share of a test is too large');
  return { manifest, manifestBytes, infoHash: hash, bytes, pieces };
}

function noise(length: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at++) words[at] = random.uint32();
  return new Uint8Array(words.buffer, 0, length);
}
