/**
 * Where those meet who want the file at a web address, or fetch for others ([WS20] [WS30]): the ids that stand for an
 * info-hash there. Nobody can tell the address from one who does not know it. Knows no network.
 */
import { assert } from '../assert.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { encodeUtf8 } from '../utf8.ts';
import { sha256Hex } from './digests.ts';
import type { Digest } from './ports.ts';

/** `url`: in its normal form; all see the same one, whatever headers their platforms let them see. */
export function swarmOfUrl(digest: Digest, url: string): Promise<InfoHash> {
  return hashOf(digest, `shoal web address 1\n${url}`);
}

/** Of all who lend their connection, and of those who look for them. */
export function swarmOfLenders(digest: Digest): Promise<InfoHash> {
  return hashOf(digest, 'shoal lenders 1\n');
}

async function hashOf(digest: Digest, text: string): Promise<InfoHash> {
  const hash = infoHash(await sha256Hex(digest, encodeUtf8(text)));
  assert(hash !== null, 'a SHA-256 has 64 hex digits');
  return hash;
}
