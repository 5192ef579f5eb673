/**
 * Reads the few fields of whole frames that the watch and the misbehaving peers need ([SM5]), without an object a
 * frame: one cursor moves over the bytes. A handshake is passed over. Not a decoder: it trusts the codec.
 */
import type { BlockRange } from '../protocol/frames.ts';
import { HANDSHAKE_BYTES } from '../limits.ts';

const FIRST_OF_HANDSHAKE = 0x54;
const HEADER_BYTES = 5;

export class WireFrame implements BlockRange {
  type = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  /** Goes to the first frame of `bytes`. False: there is none. */
  first(bytes: Uint8Array): boolean {
    this.#bytes = bytes;
    this.#end = bytes[0] === FIRST_OF_HANDSHAKE ? HANDSHAKE_BYTES : 0;
    return this.next();
  }

  /** Goes to the next frame. False: that was the last. */
  next(): boolean {
    if (this.#end >= this.#bytes.length) return false;
    this.#at = this.#end;
    this.#end = this.#at + 4 + this.#uint32(this.#at);
    this.type = this.#bytes[this.#at + 4] ?? 0;
    return true;
  }

  get piece(): number {
    return this.#uint32(this.#at + HEADER_BYTES);
  }

  get offset(): number {
    return this.#uint32(this.#at + HEADER_BYTES + 4);
  }

  get length(): number {
    return this.#uint32(this.#at + HEADER_BYTES + 8);
  }

  body(): Uint8Array {
    return this.#bytes.subarray(this.#at + HEADER_BYTES, this.#end);
  }

  /** How many indexes a have frame holds. */
  get indexes(): number {
    return (this.#end - this.#at - HEADER_BYTES) / 4;
  }

  index(nth: number): number {
    return this.#uint32(this.#at + HEADER_BYTES + 4 * nth);
  }

  #uint32(at: number): number {
    const bytes = this.#bytes;
    const high = (bytes[at] ?? 0) * 0x1000000;
    return high + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
}
