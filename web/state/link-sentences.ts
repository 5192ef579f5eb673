/** What the page says of a link that it cannot open ([UI1] [UI2]): what is wrong with it, and what to do. Pure. */
import { unreachable } from '../../shared/assert.ts';
import type { LinkFault } from './route.ts';

/** What is wrong with a link that was opened, and what to do ([UI1]). */
export function faultSentence(why: LinkFault): string {
  switch (why) {
    case 'empty':
      return 'There is nothing after the # of this link. Copy the whole link again.';
    case 'length':
      return 'This link is not as long as a share’s: a part was cut off or added on the way. Copy the whole link again, all 43 characters after the #.';
    case 'alphabet':
      return 'This link has characters that do not belong in it. Copy it again, without quotation marks, full stops or spaces around it.';
    case 'not-canonical':
      return 'The last character of this link is not one a share’s can have, so it was mistyped or cut. Copy the whole link again.';
    default:
      return unreachable(why);
  }
}

/** What was typed into the box on the first page and is no link. */
export function typedSentence(text: string, why: LinkFault): string {
  const typed = text.trim();
  if (typed === '') return 'Paste a link into the box first.';
  if (/^magnet:/i.test(typed))
    return 'Magnet texts cannot be opened yet. Ask for a link of this page instead.';
  if (/\.torrentinno$/i.test(typed) || typed.startsWith('{')) {
    return 'Resource files cannot be opened yet. Ask for a link of this page instead.';
  }
  if (/^https?:/i.test(typed) && !typed.includes('#')) {
    return 'This address has no # with a share behind it. Copy the whole link again.';
  }
  return faultSentence(why);
}
