/** What is said where files cannot become a share ([MF6]), and of a resource file that is not allowed ([MF10]). Pure. */
import { unreachable } from '../assert.ts';
import type { ResourceFault } from '../manifest/resource-file.ts';
import type { ShareOutcome } from '../peer/verbs.ts';

export type ShareRefusal = Extract<ShareOutcome, { kind: 'refused' }>['why'];

/** `nothing`: what is said where there is no file. */
export function refusalSentence(why: ShareRefusal, nothing: string): string {
  switch (why) {
    case 'no-files':
      return nothing;
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

type Flaw = Extract<ResourceFault, { why: 'not-allowed' }>['reason'];

/** What in a resource file is not as it may be, to stand behind a colon. */
export function flawOf(reason: Flaw): string {
  switch (reason) {
    case 'name':
      return 'its name is not one a file can have everywhere';
    case 'path':
    case 'files':
      return 'its list of files is not allowed';
    case 'piece':
      return 'its list of pieces is not allowed';
    case 'date':
      return 'its date is not one';
    case 'port':
      return 'its port is not one';
    case 'text':
      return 'a text in it is too long or has signs that are not allowed';
    case 'url':
      return 'an address in it is not allowed';
    case 'marker':
    case 'shoal-key':
      return 'what Shoal wrote into it was changed';
    default:
      return 'something in it is missing or of another kind';
  }
}
