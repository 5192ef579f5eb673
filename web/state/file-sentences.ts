/** What the page says about single files of a share ([UI14], [UI25], [SA13]–[SA15]). Pure; loaded with what it speaks of. */
import { displayName } from '../../shared/manifest/display.ts';
import { counted, formatBytes } from '../../shared/words/format.ts';
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

// Saving into a folder

export const GONE =
  'a part of it is no longer in this browser’s storage; open the link again to fetch what is missing';

/** `names`: of the files that could not be written for that. */
export function missingWhy(names: readonly string[], folder: string): string {
  const [first = ''] = names;
  const which =
    names.length === 1
      ? quoted(first)
      : `${quoted(first)} and ${counted(names.length - 1, 'other file', 'other files')}`;
  return `a part of ${which} is no longer in this browser’s storage. Everything else is in the folder ${quoted(folder)}. Open the link again to fetch what is missing`;
}

export function notWrittenWhy(name: string, error: unknown, folder: string): string {
  return `${quoted(name)} could not be written, ${reason(error)}. What was written before stays in the folder ${quoted(folder)}`;
}

export function noFolderWhy(error: unknown): string {
  return `no folder could be made there, ${reason(error)}`;
}

function reason(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'QuotaExceededError':
      return 'because there is no more room on that disk';
    case 'NotAllowedError':
    case 'SecurityError':
      return 'because this page was not allowed to write there';
    case 'NotFoundError':
      return 'because the folder was moved or deleted';
    case 'NoModificationAllowedError':
      return 'because another program uses it';
    default:
      return `and the browser said: ${error instanceof Error ? error.message.replace(/\.$/, '') : String(error)}`;
  }
}

function quoted(name: string): string {
  return `“${name.split('/').map(displayName).join('/')}”`;
}

/** `12 of 120 files, 40.0 MB of 154 MB`. */
export function writtenSentence(progress: {
  readonly files: number;
  readonly bytes: number;
  readonly allFiles: number;
  readonly allBytes: number;
}): string {
  const { files, bytes, allFiles, allBytes } = progress;
  return `${files} of ${counted(allFiles, 'file', 'files')}, ${formatBytes(bytes)} of ${formatBytes(allBytes)}`;
}

/** [SA15] */
export function renamedSentence(count: number): string {
  return count === 1
    ? '1 name was changed to save it'
    : `${counted(count, '', '').trim()} names were changed to save them`;
}

/** [SA15] `old name → new name`. What cannot be seen of the old one is left out, and then both look alike. */
export function renamedRow(from: readonly string[], to: readonly string[]): string {
  const [was, is] = [from, to].map((path) => path.map(displayName).join('/'));
  return was === is ? `${is} (without characters that cannot be seen)` : `${was} → ${is}`;
}
