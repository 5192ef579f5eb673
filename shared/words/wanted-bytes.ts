/** How much of a share is wanted, and here. Pure. */
import type { TransferSnapshot } from '../peer/verbs.ts';

type Received = Pick<TransferSnapshot, 'wanted' | 'totalBytes' | 'receivedBytes' | 'storedBytes'>;

/** Of what is wanted: all of the share, or the chosen files of it ([PK4]). */
export function wantedBytes({ wanted, totalBytes, receivedBytes, storedBytes }: Received): {
  readonly total: number;
  readonly received: number;
  readonly stored: number;
} {
  if (wanted === null) return { total: totalBytes, received: receivedBytes, stored: storedBytes };
  // What is under way is of what is wanted; what came before may be more than that.
  const underWay = Math.max(0, receivedBytes - storedBytes);
  return { total: wanted.bytes, received: wanted.storedBytes + underWay, stored: wanted.storedBytes };
}
