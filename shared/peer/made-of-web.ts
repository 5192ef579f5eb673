/**
 * The ordinary share that a file from a web address becomes when all of it is here ([WS20]): whoever made one makes the same.
 * Its pieces are those that are stored already. Knows no machine and no network.
 */
import { assert } from '../assert.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { draftManifest } from '../manifest/draft.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { manifestPreimage } from '../manifest/resource.ts';
import { encodeUtf8 } from '../utf8.ts';
import { sha256Base64url, sha256Hex } from './digests.ts';
import type { Digest } from './ports.ts';

export interface MadeOfWeb {
  readonly infoHash: InfoHash;
  readonly manifest: Manifest;
}

/** `unhashed`: what it was loaded by; `hashes`: of all its pieces, in lowercase hex. */
export async function madeOfWeb(
  unhashed: Manifest,
  hashes: readonly string[],
  digest: Digest,
): Promise<MadeOfWeb> {
  const draft = draftManifest({
    name: unhashed.name,
    comment: '',
    trackerHost: '',
    trackerPort: '0',
    createdAt: 0,
    files: unhashed.files,
    pieces: unhashed.pieces.map(({ size }, piece) => ({ size, sha256: hashes[piece] ?? '' })),
    urls: unhashed.urls,
    salt: null,
  });
  assert(draft.shoalText !== null, 'it names its address');
  const manifest = draft.finish(await sha256Base64url(digest, encodeUtf8(draft.shoalText)));
  const hash = infoHash(await sha256Hex(digest, manifestPreimage(manifest)));
  assert(hash !== null, 'a SHA-256 has 64 hex digits');
  return { infoHash: hash, manifest };
}
