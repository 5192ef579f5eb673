/** What the page says while a new share is made, and where none could be ([UI4]). */
import { unreachable } from '../../shared/assert.ts';
import type { HashingProgress } from '../worker/contract.ts';
import { formatBytes, nameInSentence } from '../../shared/words/format.ts';
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
      return refusalSentence(why.why);
    default:
      return unreachable(why);
  }
}

function refusalSentence(why: Extract<ShareFailure, { kind: 'refused' }>['why']): string {
  switch (why) {
    case 'no-files':
      return 'There is no file in what you chose. Choose at least one.';
    case 'too-large':
      return 'This is more than one link can carry. Share it in several parts.';
    case 'too-many-files':
      return 'These are more than 10,000 files and empty folders, which is more than one link can carry. Pack them into an archive, or share them in several parts.';
    case 'manifest-too-large':
      return 'The names of these files are together too long for one link. Share them in several parts.';
    default:
      return unreachable(why);
  }
}
