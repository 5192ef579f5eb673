/** What the page says while a new share is made, and where none could be ([UI4]). */
import { unreachable } from '../../shared/assert.ts';
import type { HashingProgress } from '../worker/contract.ts';
import { formatBytes, nameInSentence } from '../../shared/words/format.ts';
import { refusalSentence } from '../../shared/words/refusals.ts';
import { BROKE, notYetSentence } from './sentences.ts';
import type { DetailsFlaw, ShareFailure } from './making.svelte.ts';

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
      return detailsSentence(why.flaw);
    case 'refused':
      return refusalSentence(why.why, 'There is no file in what you chose. Choose at least one.');
    default:
      return unreachable(why);
  }
}

function detailsSentence(flaw: DetailsFlaw): string {
  if (flaw.field !== 'address')
    return `The ${flaw.field} that you typed is too long for a link. Shorten it, then choose again.`;
  const { why } = flaw;
  switch (why.kind) {
    case 'no-address':
      return `“${nameInSentence(why.text)}” is no web address that a link can name. Mend it or leave it out, then choose again.`;
    case 'one-file':
      return `“${nameInSentence(why.text)}” is the address of one file, and you chose ${why.files}. Type the address of the folder that they lie in, with / at its end, then choose again.`;
    case 'too-long':
      return `The web address of “${nameInSentence(why.path.join('/'))}” would be too long for a link. Leave that address out, then choose again.`;
    case 'too-many':
      return 'These are more web addresses than a link can name. Leave some out, then choose again.';
    default:
      return unreachable(why);
  }
}
