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

export class PlainFrames {
  /** What the last frame said, and where in its chunk it ended. */
  text = '';
  end = 0;

  /** Whether such a frame begins at `at`: then it is read. If not, nothing is changed. */
  read(chunk: Buffer, at: number): boolean {
    if (chunk[at] !== TEXT) return false;
    const short = (chunk[at + 1] ?? 0) ^ MASKED;
    if (short >= LENGTH_IN_8_BYTES) return false;
    const isShort = short < LENGTH_IN_2_BYTES;
    const begins = at + (isShort ? 2 : 4) + MASK_BYTES;
    if (begins > chunk.length) return false;
    const ends = begins + (isShort ? short : ((chunk[at + 2] ?? 0) << 8) | (chunk[at + 3] ?? 0));
    if (ends > chunk.length) return false;
    if (mask(chunk, begins, ends) < 0x80) this.text = chunk.toString('latin1', begins, ends);
    else if (isUtf8(chunk.subarray(begins, ends))) this.text = chunk.toString('utf8', begins, ends);
    else {
      mask(chunk, begins, ends);
      return false;
    }
    this.end = ends;
    return true;
  }
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
