/** Which of many pieces are looked at where all of them would take too long. */
import { SAMPLED_PIECES } from './limits.ts';
import type { Entropy } from './ports.ts';

/** The first piece, the last one, and some between them; all of few. */
export function sampled(pieces: number, entropy: Entropy): Set<number> {
  if (pieces <= SAMPLED_PIECES + 2) return new Set(Array.from({ length: pieces }, (_, piece) => piece));
  const chosen = new Set([0, pieces - 1]);
  while (chosen.size < SAMPLED_PIECES + 2)
    chosen.add(new DataView(entropy.bytes(4).buffer).getUint32(0) % pieces);
  return chosen;
}
