/**
 * UTF-8, both ways, without the platform's TextEncoder: the core knows no platform. Total: every input has a
 * value. Decoding refuses what Unicode's table 3-7 does not list (overlong forms, surrogates, numbers beyond
 * U+10FFFF, cut sequences) and keeps a byte order mark as the character it is. Knows no JSON and no manifest.
 */

/** Code units given to one `String.fromCharCode`: few enough for every engine's argument limit. */
const UNITS_AT_ONCE = 8_192;
const REPLACEMENT = 0xfffd;

/** How many bytes `encodeUtf8` makes of the text. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isLeading(unit) && isTrailing(text.charCodeAt(at + 1))) at++;
  }
  return bytes;
}

/** An unpaired surrogate, which UTF-8 cannot hold, becomes U+FFFD; who must refuse it asks `isWellFormed` first. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(utf8Length(text));
  let to = 0;
  for (let at = 0; at < text.length; at++) {
    let point = text.charCodeAt(at);
    if (point < 0x80) {
      bytes[to++] = point;
      continue;
    }
    if (isLeading(point) && isTrailing(text.charCodeAt(at + 1))) {
      point = 0x1_0000 + ((point - 0xd800) << 10) + (text.charCodeAt(++at) - 0xdc00);
    } else if (isSurrogate(point)) {
      point = REPLACEMENT;
    }
    to = putLong(bytes, to, point);
  }
  return bytes;
}

/** Writes a code point from U+0080 on; returns where the next one goes. */
function putLong(bytes: Uint8Array, at: number, point: number): number {
  let to = at;
  if (point < 0x800) {
    bytes[to++] = 0xc0 | (point >> 6);
  } else {
    if (point < 0x1_0000) {
      bytes[to++] = 0xe0 | (point >> 12);
    } else {
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
    }
    bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[to++] = 0x80 | (point & 0x3f);
  return to;
}

/** The text, or null where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  const units = new Uint16Array(Math.min(bytes.length, UNITS_AT_ONCE));
  let text = '';
  let filled = 0;
  for (let at = 0; at < bytes.length;) {
    if (filled + 2 > units.length) {
      text += textOf(units, filled);
      filled = 0;
    }
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      units[filled++] = first;
      at++;
      continue;
    }
    const point = longAt(bytes, at);
    if (point < 0) return null;
    at += point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    if (point >= 0x1_0000) units[filled++] = 0xd7c0 + (point >> 10);
    units[filled++] = point < 0x1_0000 ? point : 0xdc00 | (point & 0x3ff);
  }
  return text + textOf(units, filled);
}

function textOf(units: Uint16Array, filled: number): string {
  // Reflect.apply takes the typed array as it is; spreading it would need an array of numbers.
  return Reflect.apply(
    String.fromCharCode,
    null,
    units.subarray(0, filled) as ArrayLike<unknown> as unknown[],
  );
}

/** The code point of the sequence of two bytes or more that begins there; -1 where there is no valid one. */
function longAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = continuation(bytes[at + 1]);
  if (first < 0xc2 || first > 0xf4 || second < 0) return -1;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = continuation(bytes[at + 2]);
  if (third < 0) return -1;
  const three = ((first & 0x0f) << 12) | (second << 6) | third;
  if (first < 0xf0) return three < 0x800 || isSurrogate(three) ? -1 : three;
  const fourth = continuation(bytes[at + 3]);
  if (fourth < 0) return -1;
  const four = ((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth;
  return four < 0x1_0000 || four > 0x10_ffff ? -1 : four;
}

function continuation(byte: number | undefined): number {
  return byte !== undefined && (byte & 0xc0) === 0x80 ? byte & 0x3f : -1;
}

function isLeading(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isTrailing(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}
