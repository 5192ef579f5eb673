/** What is said of a link that cannot be opened ([UI1]): what is wrong with it, and what to do. Pure. */
import { unreachable } from '../assert.ts';
import type { LinkFault } from '../manifest/link.ts';

/** `several`: it leads to different shares. */
export type AddressFault = LinkFault | 'several';

export function faultSentence(why: AddressFault): string {
  switch (why) {
    case 'empty':
      return 'There is nothing after the # of this link. Copy the whole link again.';
    case 'short':
      return 'A part of this link was cut off: 43 characters belong after the #. Copy the whole link again.';
    case 'long':
      return 'Something was added to this link: 43 characters belong after the #. Copy the link again, without what stands beside it.';
    case 'alphabet':
      return 'This link has characters that do not belong in it: it was mistyped, or changed on the way. Copy the whole link again.';
    case 'not-canonical':
      return 'The last character of this link is not one a share’s can have, so it was mistyped or cut. Copy the whole link again.';
    case 'several':
      return 'This address has links to different shares in it. Copy the link that you want to open again.';
    default:
      return unreachable(why);
  }
}
