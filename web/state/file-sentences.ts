/** What the page says about single files of a share ([UI14], [UI25], [SA13]–[SA15]). Pure; loaded with what it speaks of. */
import { displayName } from '../../shared/manifest/display.ts';
import { counted, formatBytes } from './format.ts';
import type { ChooseOutcome, SaveEnd } from './session.ts';

/** `3 of 12 files, 40.0 MB of 154 MB`. */
export function chosenSentence(chosen: {
  readonly files: number;
  readonly bytes: number;
  readonly allFiles: number;
  readonly allBytes: number;
}): string {
  const { files, bytes, allFiles, allBytes } = chosen;
  const all = counted(allFiles, 'file', 'files');
  if (files === allFiles) return `${allFiles === 1 ? '' : 'All '}${all}, ${formatBytes(allBytes)}`;
  return `${counted(files, '', '').trim()} of ${all}, ${formatBytes(bytes)} of ${formatBytes(allBytes)}`;
}

/** Null: the worker gave no answer. */
export function choiceRefusedSentence(outcome: Exclude<ChooseOutcome, 'chosen'> | null): string {
  switch (outcome) {
    case 'no-files':
      return 'Choose at least one file.';
    case 'unknown':
      return 'The list of files is not here yet. Choose again in a moment.';
    case 'own-share':
      return 'These files are your own: there is nothing to download.';
    case 'not-open':
      return 'This share is no longer open in this browser. Reload the page, then choose again.';
    case null:
      return 'That could not be changed, because something in this page broke. Reload the page, then choose again.';
  }
}

/** `renamed`: what it is called now, where that is another name. */
export function fileSavedSentence(name: string, end: SaveEnd, renamed: string | null): string {
  switch (end.kind) {
    case 'failed':
      return `“${name}” could not be saved: ${end.why}.`;
    case 'none':
      return '';
    case 'saved': {
      if (renamed === null) return `“${name}” was saved to your downloads.`;
      return `“${name}” was saved to your downloads as “${displayName(renamed)}”, without characters that cannot be seen.`;
    }
  }
}
