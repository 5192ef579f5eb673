/** How each share of this browser stands, in a few words ([UI15], [UI16]). Pure. */
import type { KeptRow } from './kept.svelte.ts';
import { receivedPercent } from './receiving.ts';
import type { Broken, LibraryEntry } from './session.ts';

export function stateOf({ role, transfer, entry, leaving }: KeptRow, broken: Broken): string {
  if (leaving) return 'removed';
  if (transfer === null) return entry === null ? '' : restingState(entry);
  if (transfer.filesMissing === 'permission-needed') return 'needs your permission';
  if (transfer.filesMissing !== null) return 'needs its files again';
  const { phase, trouble } = transfer;
  if (phase === 'stopped' || trouble !== null || broken !== 'nothing') return 'stopped';
  if (phase === 'full') return 'waits for room';
  if (transfer.unreadable !== null) return 'shared in part';
  return role === 'sharing' ? 'shared' : `${receivedPercent(transfer)} %`;
}

/** Of what is not open in this tab. */
function restingState({ role, intent, savedAt, finishedAt }: LibraryEntry): string {
  if (role === 'sharing') return intent === 'stopped' ? 'stopped' : 'needs its files again';
  if (savedAt !== null) return 'saved';
  if (finishedAt !== null) return 'all here';
  if (intent === 'looking') return 'not begun';
  return intent === 'paused' ? 'paused' : intent === 'stopped' ? 'stopped' : 'not running here';
}
