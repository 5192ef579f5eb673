/** Says what was written where, and which names are others than the share's ([HL14]). Decides nothing. */
import type { InfoHash } from '../../shared/ids.ts';
import type { Screen } from '../terminal/screen.ts';
import type { SavedOutcome } from './ports.ts';

/** Of very many only so many are named; the others are counted. */
const MOST_NAMED = 20;

export function tellSaved(screen: Screen, infoHash: InfoHash, { path, changedNames }: SavedOutcome): void {
  const named = screen.isForMachines ? changedNames : changedNames.slice(0, MOST_NAMED);
  for (const { from, to } of named) screen.tell({ type: 'renamed', infoHash, from, to });
  if (changedNames.length > named.length) {
    screen.tell({
      type: 'note',
      message: `${changedNames.length - named.length} more names were changed, too.`,
    });
  }
  screen.tell({ type: 'saved', infoHash, path });
}
