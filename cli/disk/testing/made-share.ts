/** Shares with real manifests and bytes, for tests of what lies on disk. */
import { createHash } from 'node:crypto';
import { infoHash } from '../../../shared/ids.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import { draftManifest } from '../../../shared/manifest/draft.ts';
import type { Manifest } from '../../../shared/manifest/manifest.ts';
import { manifestPreimage, serialiseManifest } from '../../../shared/manifest/resource.ts';
import type { StoredPiece } from '../../../shared/peer/piece-store.ts';
import { encodeUtf8 } from '../../../shared/utf8.ts';

export interface MadeFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface MadeShare {
  readonly infoHash: InfoHash;
  readonly manifest: Manifest;
  readonly record: {
    readonly infoHash: InfoHash;
    readonly manifest: Uint8Array<ArrayBuffer>;
    readonly addedAt: number;
  };
  readonly files: readonly MadeFile[];
  readonly pieces: readonly StoredPiece[];
}

export interface MakeOptions {
  readonly name?: string;
  /** Of every piece but the last, over all files; or of each. */
  readonly pieceBytes?: number | readonly number[];
  readonly folders?: readonly (readonly string[])[];
  readonly modified?: number;
  readonly salt?: string;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that tell their place, others for each salt. */
export function someBytes(size: number, salt = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let state = salt + 1;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export function makeShare(files: readonly MadeFile[], options: MakeOptions = {}): MadeShare {
  const all = new Uint8Array(Buffer.concat(files.map(({ bytes }) => bytes)));
  const {
    pieceBytes = 16_384,
    folders = [],
    modified = 1_700_000_000_000,
    salt = 'AAAAAAAAAAAAAAAAAAAAAA',
  } = options;
  const pieces: StoredPiece[] = [];
  for (let at = 0; at < all.length;) {
    const size = typeof pieceBytes === 'number' ? pieceBytes : (pieceBytes[pieces.length] ?? all.length);
    const bytes = all.slice(at, at + size);
    pieces.push({ piece: pieces.length, sha256: sha256(bytes), bytes });
    at += bytes.length;
  }
  const draft = draftManifest({
    ...{
      name: options.name ?? files[0]?.path ?? 'share',
      comment: '',
      trackerHost: 'localhost',
      trackerPort: '8000',
    },
    ...{ createdAt: 0, folders, salt },
    files: files.map(({ path, bytes }) => ({ path: path.split('/'), size: bytes.length, modified })),
    pieces: pieces.map((piece) => ({ sha256: piece.sha256, size: piece.bytes.length })),
  });
  const digest =
    draft.shoalText === null
      ? null
      : createHash('sha256').update(encodeUtf8(draft.shoalText)).digest('base64url');
  const manifest = draft.finish(digest);
  const bytes = serialiseManifest(manifest);
  const hash = infoHash(sha256(manifestPreimage(manifest)));
  if (bytes === null || hash === null) throw new Error('no manifest');
  return { infoHash: hash, manifest, record: { infoHash: hash, manifest: bytes, addedAt: 1 }, files, pieces };
}
