/**
 * A resource file becomes a share that can be opened ([MF10]): its manifest, whose shoal key is the one that its marker
 * names, and its info-hash; or a fault that a person can be told. Knows no peer.
 */
import { assert } from '../assert.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { readResourceFile } from '../manifest/resource-file.ts';
import type { ResourceFault } from '../manifest/resource-file.ts';
import { sha256Base64url, sha256Hex } from './digests.ts';
import type { Digest } from './ports.ts';

export type ReadResource =
  { readonly kind: 'read'; readonly infoHash: InfoHash; readonly manifest: Manifest } | ResourceFault;

export async function readResource(file: Uint8Array, digest: Digest): Promise<ReadResource> {
  const read = readResourceFile(file);
  if (read.kind === 'refused') return read;
  const { manifest, preimage, shoalText } = read;
  if (shoalText !== null && (await sha256Base64url(digest, shoalText)) !== manifest.shoal?.digest) {
    return { kind: 'refused', why: 'not-allowed', reason: 'marker' };
  }
  const id = infoHash(await sha256Hex(digest, preimage));
  assert(id !== null, 'a SHA-256 has 64 hex digits');
  return { kind: 'read', infoHash: id, manifest };
}
