/** [ID2] A tab is one peer: half of its id is kept per browser, half is new with each tab. */
import { assert } from '../../shared/assert.ts';
import { bytesToHex } from '../../shared/hex.ts';
import { peerId } from '../../shared/ids.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { Entropy } from '../../shared/peer/ports.ts';

const TAB_PART_BYTES = 16;

/** `browserPart`: 32 lowercase hex digits. */
export function newPeerId(browserPart: string, entropy: Entropy): PeerId {
  const id = peerId(browserPart + bytesToHex(entropy.bytes(TAB_PART_BYTES)));
  assert(id !== null, 'the browser part has 32 lowercase hex digits');
  return id;
}
