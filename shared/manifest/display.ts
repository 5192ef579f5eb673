/**
 * How text of strangers is shown ([MF6]): a manifest keeps names and comments exactly as they came; what could
 * deceive the eye is changed on its way to the screen, and left out of what is saved. Knows no screen and no disk.
 */

/** Marks that turn the reading direction around: `gpj.exe` looks like `exe.jpg` after one. Shown as U+FFFD. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const CONTROL = /\p{Cc}/gu;
const CONTROL_BUT_LINES = /(?![\t\n])\p{Cc}/gu;
/** Takes no room, so two different names look alike. What an emoji is made of stays, and a break in an Arabic word. */
const INVISIBLE = /(?!\u200c|\u200d|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb]/gu;
const STRAY_VARIANT = /(?<!\p{Emoji})[\ufe0e\ufe0f]/gu;
const STRAY_JOINER =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|\u200d(?!\p{Extended_Pictographic})|(?<!\p{Script=Arabic})\u200c|\u200c(?!\p{Script=Arabic})/gu;

const MARK = '\ufffd';

/** A file's, folder's or share's name on one line. */
export function displayName(name: string): string {
  return shown(name).replace(CONTROL, MARK);
}

/** [MF9] A name in which nothing is unseen (marks of direction are, too), but for what joins letters and pictures. */
export function plainName(name: string): string {
  return name.replace(INVISIBLE, '');
}

/** A comment: line breaks and tabs stay. */
export function displayText(text: string): string {
  return shown(text.replace(/\r\n?/g, '\n')).replace(CONTROL_BUT_LINES, MARK);
}

function shown(text: string): string {
  const visible = text.toWellFormed().replace(DIRECTION, MARK).replace(INVISIBLE, '');
  return visible.replace(STRAY_JOINER, '').replace(STRAY_VARIANT, '');
}
