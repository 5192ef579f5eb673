/**
 * How names and comments of strangers are shown and saved ([MF6], [MF9]): a manifest keeps them exactly as they came;
 * visible.ts says what a reader sees of them. Knows no screen and no disk.
 */
import { hasVisible, visibleLine, visibleLines, withoutUnseen } from '../visible.ts';

/** A file's, folder's or share's name on one line; one in which nothing can be seen is `(no name)`. */
export function displayName(name: string): string {
  return visibleLine(name);
}

/** [MF9] A name in which nothing is unseen (marks of direction are, too), but for what joins letters and pictures. */
export function plainName(name: string): string {
  return hasVisible(name) ? withoutUnseen(name) : '';
}

/** A comment: line breaks and tabs stay. */
export function displayText(text: string): string {
  return visibleLines(text);
}
