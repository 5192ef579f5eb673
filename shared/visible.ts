/**
 * Which characters a reader sees: the one rule behind how text of strangers is shown, saved and listed ([MF6], [MF9],
 * [TR2]). What could deceive the eye is marked, what takes no room is left out, and a name in which nothing can be
 * seen has a stand-in. Knows characters, neither manifests nor messages.
 */

/** Stands where a character was that turns or breaks the line. */
const MARK = '\ufffd';
/** What a name is called in which nothing can be seen. */
export const NO_NAME = '(no name)';

/** Marks that turn the reading direction around: `gpj.exe` looks like `exe.jpg` after one. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
const CONTROL_BUT_LINES = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Format characters that are drawn: signs over numbers, and others that stand before what they count. */
const DRAWN = String.raw`[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]`;
/** Takes no room: two names that differ by it look alike. Object replacement and null notehead are drawn as nothing. */
const ROOMLESS = String.raw`(?!${DRAWN})[\p{Default_Ignorable_Code_Point}\p{Cf}\ufffc\u{1d159}]`;
/** Joins letters and pictures; decided by what stands around it. */
const JOINING = String.raw`\u200c|\u200d|\ufe0e|\ufe0f`;
const INVISIBLE = new RegExp(`(?!${JOINING})${ROOMLESS}`, 'gu');

const STRAY_VARIANT = /(?<!\p{Emoji})[\ufe0e\ufe0f]/gu;
/** Letters whose shape depends on a joiner between them, and signs of India that one may follow ("virama"). */
const SHAPED = String.raw`\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}`;
const VIRAMA = String.raw`\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2`;
const STRAY_JOINER = new RegExp(
  String.raw`(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f${SHAPED}${VIRAMA}])\u200d` +
    String.raw`|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?!\p{Extended_Pictographic})` +
    String.raw`|(?<![${SHAPED}${VIRAMA}])\u200c|(?<=[${SHAPED}])\u200c(?![${SHAPED}])`,
  'gu',
);
/** A pattern without dots is a space between words written in Braille, and nothing anywhere else. */
const STRAY_BLANK = /(?<![\u2801-\u28ff])\u2800|\u2800(?![\u2801-\u28ff])/g;
/** Accents and vowel signs with no letter under them, and those piled higher than any script does. */
const BASELESS_MARKS = /(?<![^\s\ufffd])\p{M}+/gu;
const PILED_MARKS = /(?<=\p{M}{8})\p{M}+/gu;

/** What can be seen by itself: neither room nor nothing. */
const SEEN = new RegExp(String.raw`(?!${ROOMLESS})[^\p{Z}\p{Cc}\p{M}\u2800]`, 'u');

/** One line, as it is shown; never empty. */
export function visibleLine(text: string): string {
  return SEEN.test(text) ? visible(text).replace(CONTROL, MARK) : NO_NAME;
}

/** Several lines; tabs and line breaks stay. */
export function visibleLines(text: string): string {
  return visible(text.replace(/\r\n?|[\u2028\u2029]/g, '\n')).replace(CONTROL_BUT_LINES, MARK);
}

/** Without what takes no room, marks of direction among it, but with what joins letters and pictures. */
export function withoutUnseen(text: string): string {
  return text.replace(INVISIBLE, '');
}

export function hasVisible(text: string): boolean {
  return SEEN.test(text);
}

function visible(text: string): string {
  const plain = withoutUnseen(text.toWellFormed().replace(DIRECTION, MARK)).replace(STRAY_BLANK, '');
  const joined = plain.replace(STRAY_JOINER, '').replace(STRAY_VARIANT, '');
  return joined.replace(BASELESS_MARKS, '').replace(PILED_MARKS, '');
}
