/**
 * Base64url without padding (RFC 4648, section 5), canonical: bits of the last character that hold no data are
 * zero, so that the same bytes have exactly one text ([LK2]). Knows no links.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES: ReadonlyMap<string, number> = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));

/** Why a text is not canonical base64url. */
export type Base64urlFlaw = 'alphabet' | 'length' | 'not-canonical';

export function encodeBase64url(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET.charAt((held >> bits) & 0x3f);
    }
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (6 - bits)) & 0x3f);
}

/**
 * The bytes that `encodeBase64url` makes this text of. Of none: why, wrong characters first, then an impossible length,
 * then a last character too full.
 */
export function readBase64url(text: string): Uint8Array<ArrayBuffer> | Base64urlFlaw {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let to = 0;
  for (let at = 0; at < text.length; at++) {
    const value = VALUES.get(text.charAt(at));
    if (value === undefined) return 'alphabet';
    held = ((held << 6) | value) & 0x3fff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[to++] = (held >> bits) & 0xff;
  }
  if (text.length % 4 === 1) return 'length';
  return (held & ((1 << bits) - 1)) === 0 ? bytes : 'not-canonical';
}
