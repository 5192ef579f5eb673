/**
 * The frames that nearly every client sends, read without `ws`, whose stream costs as much as to answer them: a text
 * in one masked frame of at most 65,535 bytes that stands whole in what the network brought (RFC 6455, section 5.2).
 * Everything else is left to `ws` as it came: control frames, fragments, binary, long and broken ones, and what is no
 * UTF-8. So `ws` alone judges what is wrong, and nothing is accepted here that it would refuse.
 */
import { isUtf8 } from 'node:buffer';

/** FIN and the opcode of text, no reserved bit. */
const TEXT = 0x81;
const MASKED = 0x80;
const MASK_BYTES = 4;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;

/** The text of the frame that begins at `at`, unmasked where it stands; null: not one of these frames, and unchanged. */
export function plainPayload(chunk: Buffer, at: number): Buffer | null {
  if (chunk[at] !== TEXT) return null;
  const second = chunk[at + 1] ?? 0;
  const short = second ^ MASKED;
  if (short >= LENGTH_IN_8_BYTES) return null;
  const begins = at + (short === LENGTH_IN_2_BYTES ? 4 : 2) + MASK_BYTES;
  if (begins > chunk.length) return null;
  const length = short === LENGTH_IN_2_BYTES ? ((chunk[at + 2] ?? 0) << 8) | (chunk[at + 3] ?? 0) : short;
  const ends = begins + length;
  if (ends > chunk.length) return null;
  if (mask(chunk, begins, ends) < 0x80) return chunk.subarray(begins, ends);
  const payload = chunk.subarray(begins, ends);
  if (isUtf8(payload)) return payload;
  mask(chunk, begins, ends);
  return null;
}

/** Masks or unmasks with the four bytes in front of `begins`; answers the bits that any byte has now. */
function mask(chunk: Buffer, begins: number, ends: number): number {
  let bits = 0;
  for (let at = begins; at < ends; at++) {
    const byte = (chunk[at] ?? 0) ^ (chunk[begins - MASK_BYTES + ((at - begins) & 3)] ?? 0);
    chunk[at] = byte;
    bits |= byte;
  }
  return bits;
}
