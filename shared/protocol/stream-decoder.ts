/**
 * A peer's byte stream, cut anywhere, becomes a handshake and then frames ([WF2]). Owns the one buffer of a frame
 * that has not arrived whole: it grows with the bytes that came and never beyond one frame. After a violation the
 * decoder is dead and says the same again.
 */
import { HANDSHAKE_BYTES, MAX_BLOCK_BYTES, PIECE_HEADER_BYTES } from '../limits.ts';
import { judgeHeader, parseFrame, parseHandshake, uint32At } from './codec.ts';
import type { BodyRule } from './codec.ts';
import { FRAME_TYPES } from './frames.ts';
import type { Frame, Handshake, Violation } from './frames.ts';

export type Received = Handshake | Frame | Violation;

const HEADER_BYTES = 5;
const LENGTH_BYTES = 4;
const NOTHING = new Uint8Array(0);

export class StreamDecoder {
  #handshakeRead = false;
  #dead: Violation | null = null;
  /** The chunk being read and how far. */
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  /** What the last header that was looked at claims. */
  #bodyLength = 0;
  /** The beginning of a frame that was cut, when there is one. */
  #held: Uint8Array = NOTHING;
  #heldBytes = 0;

  /** A decoder for a stream whose handshake was read elsewhere. */
  static afterHandshake(): StreamDecoder {
    const decoder = new StreamDecoder();
    decoder.#handshakeRead = true;
    return decoder;
  }

  /** Gives the next bytes. All that `next` can return of the earlier ones must have been taken. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Bytes of data of a piece frame that has not arrived whole; 0: none is under way. */
  get partOfPiece(): number {
    if (this.#heldBytes <= PIECE_HEADER_BYTES || this.#held[LENGTH_BYTES] !== FRAME_TYPES.piece) return 0;
    return this.#heldBytes - PIECE_HEADER_BYTES;
  }

  /** The next thing that arrived whole, or null. Views into it are good until the next call. */
  next(): Received | null {
    if (this.#dead !== null) return this.#dead;
    // Nearly all bytes come as whole piece frames: these take no other way than this.
    if (this.#handshakeRead && this.#heldBytes === 0) {
      const [chunk, at] = [this.#chunk, this.#at];
      const end = at + LENGTH_BYTES + uint32At(chunk, at);
      const data = at + PIECE_HEADER_BYTES;
      if (chunk[at + LENGTH_BYTES] === FRAME_TYPES.piece && isWholePiece(chunk, data, end)) {
        this.#at = end;
        const [piece, offset] = [uint32At(chunk, data - 12), uint32At(chunk, data - 8)];
        return { kind: 'piece', piece, offset, data: chunk.subarray(data, end) };
      }
    }
    return this.#nextOfAny();
  }

  #nextOfAny(): Received | null {
    const received = this.#handshakeRead ? this.#nextFrame() : this.#nextHandshake();
    if (received?.kind === 'violation') this.#die(received);
    return received;
  }

  #nextHandshake(): Received | null {
    const bytes = this.#take(HANDSHAKE_BYTES);
    if (bytes === null) return null;
    this.#handshakeRead = true;
    return parseHandshake(bytes);
  }

  #nextFrame(): Received | null {
    const rule = this.#judgeNext();
    if (rule === null || 'what' in rule) return rule;
    const bytes = this.#take(LENGTH_BYTES + this.#bodyLength);
    return bytes === null ? null : parseFrame(rule.kind, bytes);
  }

  /** Looks at five bytes without taking them; null while they have not come. */
  #judgeNext(): BodyRule | Violation | null {
    if (this.#heldBytes === 0 && this.#chunk.length - this.#at >= HEADER_BYTES) {
      return this.#judgeHeader(this.#chunk, this.#at);
    }
    if (this.#heldBytes < HEADER_BYTES) this.#hold(HEADER_BYTES - this.#heldBytes);
    return this.#heldBytes >= HEADER_BYTES ? this.#judgeHeader(this.#held, 0) : null;
  }

  #judgeHeader(bytes: Uint8Array, at: number): BodyRule | Violation {
    this.#bodyLength = uint32At(bytes, at);
    return judgeHeader(this.#bodyLength, bytes[at + LENGTH_BYTES] ?? 0);
  }

  /** `wanted` bytes as one view: of the chunk where they are all in it, else gathered. Null: not all are here. */
  #take(wanted: number): Uint8Array | null {
    if (this.#heldBytes === 0 && this.#chunk.length - this.#at >= wanted) {
      const from = this.#at;
      this.#at += wanted;
      return wanted === this.#chunk.length ? this.#chunk : this.#chunk.subarray(from, from + wanted);
    }
    this.#hold(wanted - this.#heldBytes);
    if (this.#heldBytes < wanted) return null;
    const whole = this.#held.subarray(0, wanted);
    this.#held = NOTHING;
    this.#heldBytes = 0;
    return whole;
  }

  /** Moves up to `missing` bytes of the chunk behind what is held; room doubles with what really came. */
  #hold(missing: number): void {
    const moved = Math.min(missing, this.#chunk.length - this.#at);
    if (moved <= 0) return;
    const needed = this.#heldBytes + moved;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(
        Math.max(needed, Math.min(2 * this.#held.length, needed + missing - moved)),
      );
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(this.#chunk.subarray(this.#at, this.#at + moved), this.#heldBytes);
    this.#heldBytes = needed;
    this.#at += moved;
  }

  #die(violation: Violation): void {
    this.#dead = violation;
    this.#chunk = NOTHING;
    this.#held = NOTHING;
    this.#heldBytes = 0;
  }
}

/** Is the data from `data` to `end` all here, and as long as the field before it says? */
function isWholePiece(chunk: Uint8Array, data: number, end: number): boolean {
  const length = end - data;
  return (
    length >= 0 && length <= MAX_BLOCK_BYTES && end <= chunk.length && uint32At(chunk, data - 4) === length
  );
}
