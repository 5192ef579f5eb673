/** [HL55] Ids by which we are somebody new to a peer, on the side of its own id that says who dials. */
import { bytesToHex, hexToBytes } from '../../shared/hex.ts';
import { peerId } from '../../shared/ids.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { Entropy } from '../../shared/peer/ports.ts';

/** One that dials it. Null: no id is smaller. */
export function idBelow(other: PeerId, entropy: Entropy): PeerId | null {
  return beyond(other, entropy, 0);
}

/** One that is dialled by it. Null: no id is greater. */
export function idAbove(other: PeerId, entropy: Entropy): PeerId | null {
  return beyond(other, entropy, 255);
}

/** The same leading bytes while these are at their end, then one that is nearer to it, then anything. */
function beyond(other: PeerId, entropy: Entropy, end: 0 | 255): PeerId | null {
  const bytes = hexToBytes(other) ?? new Uint8Array(0);
  const fresh = entropy.bytes(bytes.length);
  const at = bytes.findIndex((byte) => byte !== end);
  if (at < 0) return null;
  fresh.set(bytes.subarray(0, at));
  const [byte, chance] = [bytes[at] ?? 0, fresh[at] ?? 0];
  fresh[at] = end === 0 ? chance % byte : 255 - (chance % (255 - byte));
  return peerId(bytesToHex(fresh));
}
