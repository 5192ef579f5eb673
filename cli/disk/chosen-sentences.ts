/** What a person is told of what they named to be shared ([HL40]). */
import { unreachable } from '../../shared/assert.ts';
import { MAX_FILES } from '../../shared/limits.ts';
import { displayText } from '../../shared/manifest/display.ts';
import type { ChosenNotice, WhyNotChosen } from './chosen-paths.ts';

export function chosenNoticeSentence({ kind, path }: ChosenNotice): string {
  const shown = displayText(path);
  switch (kind) {
    case 'link-left-out':
      return `${shown} is a symbolic link and was left out. Name it itself to share what it leads to.`;
    case 'special-left-out':
      return `${shown} is no file (a socket, device or pipe) and was left out.`;
    case 'unreadable-left-out':
      return `${shown} cannot be read and was left out. Give yourself permission to read it, and share again.`;
    case 'state-left-out':
      return `${shown} is where Shoal keeps its own notes, and was left out.`;
    case 'name-not-utf8':
      return `${shown} has a name that is no UTF-8. It is shared with a replacement character in its name.`;
    case 'named-twice':
      return `${shown} was named twice and is shared once.`;
    default:
      return unreachable(kind);
  }
}

export function notChosenSentence(why: WhyNotChosen, path: string): string {
  const shown = displayText(path);
  switch (why) {
    case 'nothing-named':
      return 'Nothing to share was named. Name a file or a folder.';
    case 'not-there':
      return `There is no ${shown}. Check the path, and try again.`;
    case 'unreadable':
      return `${shown} cannot be read. Give yourself permission to read it, and try again.`;
    case 'special':
      return `${shown} is neither a file nor a folder, and cannot be shared.`;
    case 'too-many-files':
      return `There are more than ${MAX_FILES.toLocaleString('en')} files and empty folders (at ${shown}). Share fewer, or put them into an archive.`;
    default:
      return unreachable(why);
  }
}
