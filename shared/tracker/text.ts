/** What a text in a tracker message may hold ([TR2], [TR8]). Knows characters, not messages. */
import { visibleLine, visibleLines } from '../visible.ts';

/** Whether the text takes at most `most` bytes in UTF-8; an unpaired surrogate counts three, as U+FFFD does. */
export function fitsUtf8(text: string, most: number): boolean {
  if (text.length > most) return false;
  if (text.length * 3 <= most) return true;
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isPair(unit, text.charCodeAt(at + 1))) {
      bytes += 4;
      at++;
    } else bytes += 3;
  }
  return bytes <= most;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}

const SEPARATOR = /[/\\]/;

/** Whether a share may be listed under this name: shown just as it is written, no path, at most `most` bytes. */
export function isListable(name: string, most: number): boolean {
  return fitsUtf8(name, most) && !SEPARATOR.test(name) && visibleLine(name) === name;
}

/** Whether a comment of at most `most` UTF-16 code units may be listed; it may have several lines. */
export function isListableComment(comment: string, most: number): boolean {
  return comment.length <= most && visibleLines(comment) === comment;
}
