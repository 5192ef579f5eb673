/** What the page says where the files of a share are to be given again ([LB3] [LB4] [UI4]). */
import { unreachable } from '../../shared/assert.ts';
import type { Given, GivenRefused } from './transfers.svelte.ts';

/** [LB3] The browser let go of the files when the page was closed or reloaded. */
export function filesMissingSentence(given: Given): string {
  switch (given.kind) {
    case 'nothing':
      return 'The link is kept, but this page was closed or reloaded, and with that the browser let go of the files. Choose them again, unchanged: the same link works again, and whoever waits at it goes on.';
    case 'comparing':
      return 'Comparing them with what was shared.';
    case 'refused':
      return givenRefusedSentence(given.why);
    default:
      return unreachable(given);
  }
}

function givenRefusedSentence(why: GivenRefused): string {
  switch (why) {
    case 'other-files':
      return 'These are not the files of this link: there are more or fewer of them, or others by name. Choose what was shared, or share these by a new link.';
    case 'changed':
      return 'This is not what was shared: it has been changed since. Choose an unchanged copy, or share it as it is now by a new link.';
    case 'gone':
    case 'unreadable':
      return 'This cannot be read: it was moved, deleted or changed, or is not yours to open. Choose it again.';
    case 'unknown-share':
      return 'This browser does not know this share any more. Share the files by a new link.';
    case 'broken':
      return 'Something in this page broke while it compared the files. Choose them again; if it happens again, reload the page.';
    default:
      return unreachable(why);
  }
}

export function sharedAgainSentence(): string {
  return 'You have shared this before: same link.';
}
