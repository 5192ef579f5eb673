/** What the page says where the files of a share are to be given again ([LB3] [LB4] [UI4]). */
import { unreachable } from '../../shared/assert.ts';
import type { FilesMissing } from '../worker/contract.ts';
import type { Given, GivenRefused } from './given.svelte.ts';

/** [LB3] Nothing leads back to the files by itself: what became of them, and how the same link works again. */
export function filesMissingSentence(missing: FilesMissing, given: Given): string {
  switch (given.kind) {
    case 'nothing':
      return missingSentence(missing);
    case 'comparing':
      return 'Comparing them with what was shared.';
    case 'refused':
      return givenRefusedSentence(given.why);
    default:
      return unreachable(given);
  }
}

function missingSentence(missing: FilesMissing): string {
  switch (missing) {
    case 'not-kept':
      return 'The link is kept, but this page was closed or reloaded, and with that the browser let go of the files. Choose them again, unchanged: the same link works again, and whoever waits at it goes on.';
    case 'permission-needed':
      return 'The link is kept, but the browser wants your permission to read the files again. Press Allow, and whoever waits at the link goes on.';
    case 'gone':
      return 'The link is kept, but its files cannot be read where they were: they were moved, renamed or deleted, or this page may not read them. Choose them again, unchanged, and the same link works again.';
    case 'changed':
      return 'The link is kept, but what was shared has been changed since. Choose an unchanged copy, or share it as it is now by a new link.';
    case 'other-files':
      return 'The link is kept, but its files are not where they were. Choose them again, unchanged, and the same link works again.';
    default:
      return unreachable(missing);
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
    case 'not-allowed':
      return 'The browser was not allowed to read the files. Press Allow to be asked again, or choose them again yourself.';
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
