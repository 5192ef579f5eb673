/** A peer as a person tells it from another one: the first digits of its id, as in the log of transfers ([LB12]). */
import { SHORT_ID_DIGITS } from '../../shared/peer/limits.ts';

export function shortId(peer: string): string {
  return peer.slice(0, SHORT_ID_DIGITS);
}
