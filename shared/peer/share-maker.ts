/**
 * A person's files become a share ([MF8], [SO5]): piece size, hashes, manifest, info-hash. Nothing is copied and
 * nothing is stored. What the world gets in the way with is an outcome, not an exception.
 */
import { assert } from '../assert.ts';
import { encodeBase64url } from '../base64url.ts';
import { pieceSizeFor, pieceSizesOf } from '../geometry.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { MAX_FILES } from '../limits.ts';
import { draftManifest } from '../manifest/draft.ts';
import type { Manifest, ManifestPiece } from '../manifest/manifest.ts';
import { manifestPreimage, serialiseManifest } from '../manifest/resource.ts';
import { encodeUtf8 } from '../utf8.ts';
import { sha256Base64url, sha256Hex } from './digests.ts';
import { hashPieces } from './hashing.ts';
import type { HashPorts } from './hashing.ts';
import type { Clock, Entropy } from './ports.ts';
import type { HashingProgress, ShareOutcome, ShareRequest } from './verbs.ts';

const SALT_BYTES = 16;
/** [MF2] The creation date of a share whose info-hash follows from its content, in ms since 1970. */
const REPRODUCIBLE_DATE = 0;

export type MadeShare =
  { kind: 'made'; infoHash: InfoHash; manifest: Manifest } | Exclude<ShareOutcome, { kind: 'shared' }>;

export interface MakePorts extends HashPorts {
  readonly clock: Clock;
  readonly entropy: Entropy;
}

export async function makeShare(
  request: ShareRequest,
  ports: MakePorts,
  onProgress: (progress: HashingProgress) => void,
): Promise<MadeShare> {
  const { files, folders } = request;
  const totalBytes = files.reduce((sum, { content }) => sum + content.size, 0);
  if (files.length === 0) return { kind: 'refused', why: 'no-files' };
  if (files.length + folders.length > MAX_FILES) return { kind: 'refused', why: 'too-many-files' };
  const pieceBytes = pieceSizeFor(totalBytes, request.pieceBytes);
  if (pieceBytes === null) return { kind: 'refused', why: 'too-large' };
  const contents = files.map(({ content }) => content);
  const sizes = pieceSizesOf(
    contents.map(({ size }) => size),
    pieceBytes,
  );
  const hashed = await hashPieces(contents, sizes, ports, onProgress);
  if (hashed.kind === 'cancelled') return hashed;
  if (hashed.kind === 'unreadable')
    return { kind: 'unreadable', file: files[hashed.file]?.path.at(-1) ?? '' };
  const manifest = await drafted(request, ports, hashed.pieces);
  if (serialiseManifest(manifest) === null) return { kind: 'refused', why: 'manifest-too-large' };
  const hash = infoHash(await sha256Hex(ports.digest, manifestPreimage(manifest)));
  assert(hash !== null, 'a SHA-256 has 64 hex digits');
  return { kind: 'made', infoHash: hash, manifest };
}

async function drafted(
  request: ShareRequest,
  { clock, entropy, digest }: MakePorts,
  pieces: readonly ManifestPiece[],
): Promise<Manifest> {
  const { name, comment, trackerHost, trackerPort, folders, salted } = request;
  const draft = draftManifest({
    name,
    comment,
    trackerHost,
    trackerPort,
    createdAt: salted ? clock.today() : REPRODUCIBLE_DATE,
    files: request.files.map(({ content, path, modified }) => ({ path, size: content.size, modified })),
    folders,
    pieces,
    urls: request.urls ?? [],
    salt: salted ? encodeBase64url(entropy.bytes(SALT_BYTES)) : null,
  });
  if (draft.shoalText === null) return draft.finish(null);
  return draft.finish(await sha256Base64url(digest, encodeUtf8(draft.shoalText)));
}
