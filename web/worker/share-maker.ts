/**
 * A person's files become a share ([MF8], [SO5]): piece size, hashes, manifest, info-hash. Nothing is copied and
 * nothing is stored. What the world gets in the way with is an outcome, not an exception.
 */
import { assert } from '../../shared/assert.ts';
import { encodeBase64url } from '../../shared/base64url.ts';
import { pieceSizeFor } from '../../shared/geometry.ts';
import { infoHash } from '../../shared/ids.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { MAX_FILES } from '../../shared/limits.ts';
import { draftManifest } from '../../shared/manifest/draft.ts';
import { manifestPreimage, serialiseManifest } from '../../shared/manifest/resource.ts';
import type { Manifest, ManifestPiece } from '../../shared/manifest/resource.ts';
import { encodeUtf8 } from '../../shared/utf8.ts';
import type { HashingProgress, ShareOutcome, ShareRequest } from './contract.ts';
import { hashPieces, sha256Hex } from './hashing.ts';

const SALT_BYTES = 16;
/** [MF2] The creation date of a share whose info-hash follows from its content, in ms since 1970. */
const REPRODUCIBLE_DATE = 0;

export type MadeShare =
  { kind: 'made'; infoHash: InfoHash; manifest: Manifest } | Exclude<ShareOutcome, { kind: 'shared' }>;

export async function makeShare(
  request: ShareRequest,
  onProgress: (progress: HashingProgress) => void,
): Promise<MadeShare> {
  const { files, folders } = request;
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  if (files.length === 0) return { kind: 'refused', why: 'no-files' };
  if (files.length + folders.length > MAX_FILES) return { kind: 'refused', why: 'too-many-files' };
  const pieceBytes = pieceSizeFor(totalBytes, request.pieceBytes);
  if (pieceBytes === null) return { kind: 'refused', why: 'too-large' };
  const hashed = await hashPieces(
    files.map(({ file }) => file),
    pieceBytes,
    { onProgress, now: () => performance.now() },
  );
  if (hashed.kind === 'unreadable') return { kind: 'unreadable', file: files[hashed.file]?.file.name ?? '' };
  const manifest = await drafted(request, hashed.pieces);
  if (serialiseManifest(manifest) === null) return { kind: 'refused', why: 'manifest-too-large' };
  const hash = infoHash(await sha256Hex(manifestPreimage(manifest)));
  assert(hash !== null, 'a SHA-256 has 64 hex digits');
  return { kind: 'made', infoHash: hash, manifest };
}

async function drafted(request: ShareRequest, pieces: readonly ManifestPiece[]): Promise<Manifest> {
  const { name, comment, trackerHost, trackerPort, folders, salted } = request;
  const draft = draftManifest({
    name,
    comment,
    trackerHost,
    trackerPort,
    createdAt: salted ? Date.now() : REPRODUCIBLE_DATE,
    files: request.files.map(({ file, path }) => ({ path, size: file.size, modified: file.lastModified })),
    folders,
    pieces,
    salt: salted ? encodeBase64url(crypto.getRandomValues(new Uint8Array(SALT_BYTES))) : null,
  });
  if (draft.shoalText === null) return draft.finish(null);
  const digest = await crypto.subtle.digest('SHA-256', encodeUtf8(draft.shoalText));
  return draft.finish(encodeBase64url(new Uint8Array(digest)));
}
