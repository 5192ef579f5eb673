/** What the page says while a new share is made, and where none could be ([UI4]). */
import { unreachable } from '../../shared/assert.ts';
import type { HashingProgress } from '../worker/contract.ts';
import { formatBytes, nameInSentence } from '../../shared/words/format.ts';
import { refusalSentence } from '../../shared/words/refusals.ts';
import { BROKE, notYetSentence } from './sentences.ts';
import type { ShareFailure } from './making.svelte.ts';

/** While the files of a new share are read. */
export function makingSentence({ hashedBytes, totalBytes }: HashingProgress, away: boolean): string {
  if (away) return notYetSentence();
  if (totalBytes > 0 && hashedBytes >= totalBytes) return 'Read. Making the link.';
  return `Reading ${formatBytes(totalBytes)} to make the link. Nothing leaves this device yet.`;
}

/** Why chosen files did not become a share, and what to do. */
export function failureSentence(why: ShareFailure): string {
  switch (why.kind) {
    case 'broken':
      return `${BROKE} while it made this link. Choose the files again; if it happens again, reload the page.`;
    case 'unreadable':
      return `“${nameInSentence(why.file)}” cannot be read: it was moved, deleted or changed, or is not yours to open. Choose the files again.`;
    case 'details':
      return `The ${why.flaw.field} that you typed is too long for a link. Shorten it, then choose again.`;
    case 'refused':
      return refusalSentence(why.why, 'There is no file in what you chose. Choose at least one.');
    default:
      return unreachable(why);
  }
}
