/** How long files are still to be read while their share is made. Pure. */
import type { HashingProgress } from '../worker/contract.ts';

/** Before that many ms the pace says nothing. */
const SPEAKS_AFTER_MS = 1_500;

/** At the pace so far, in seconds; null: it says nothing yet, or nothing is left. */
export function secondsLeft({ hashedBytes, totalBytes }: HashingProgress, passedMs: number): number | null {
  if (passedMs < SPEAKS_AFTER_MS || hashedBytes === 0 || hashedBytes >= totalBytes) return null;
  return ((totalBytes - hashedBytes) / hashedBytes) * (passedMs / 1_000);
}
