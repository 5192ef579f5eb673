/** What this browser keeps and what that takes ([UI16]), for the pages that say so. Pure. */
import type { InfoHash } from '../../shared/ids.ts';
import type { Kept, KeptRow } from './kept.svelte.ts';
import type { ShareUsage, Transfer } from './session.ts';

/** The rows of the list that take part in it, and what takes room here although nothing is known of it any more. */
export function storedRows(kept: Kept, open: readonly Transfer[]): readonly KeptRow[] {
  const rows = kept
    .rows(open)
    .filter(({ infoHash, entry }) => entry !== null || takesOf(kept, infoHash).bytes > 0);
  const strays = kept.usage.shares.filter(({ infoHash }) => !rows.some((row) => row.infoHash === infoHash));
  return [...rows, ...strays.map(({ infoHash }) => kept.row(infoHash, null, null))];
}

/** What is stored of a share. */
export function takesOf({ usage }: Kept, infoHash: InfoHash): ShareUsage {
  const known = usage.shares.find((share) => share.infoHash === infoHash);
  return known ?? { infoHash, bytes: 0, sharedBytes: 0 };
}
