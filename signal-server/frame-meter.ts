/**
 * Watches the bytes of a WebSocket as they come (RFC 6455, section 5.2), and knows what the messages that are not
 * complete yet cost: the bytes of every chunk that holds a part of one, since a part keeps its whole chunk in
 * memory, and something for each chunk and each frame however small. Reads headers only; what is wrong in them is
 * for `ws` to say.
 */

/** What a chunk or a frame costs beside its bytes: the objects that hold it. */
export const PART_COST_BYTES = 256;

const FIN = 0x80;
const CONTROL = 0x08;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;

export class FrameMeter {
  /** What the unfinished message costs; 0 between messages. */
  heldBytes = 0;
  /** Messages that were begun: the unfinished one's number. */
  begun = 0;
  /** Frames that ended. */
  ended = 0;
  /** Between the frames of a fragmented message. */
  #inMessage = false;
  /** Inside a frame, its header included. */
  #inFrame = false;
  #first = 0;
  /** Bytes of this header that were read; its length is known once two were. */
  #headerRead = 0;
  #headerLength = 2;
  /** Where in the header the payload's length ends. */
  #lengthEnds = 2;
  #payload = 0;

  get isBetweenMessages(): boolean {
    return !this.#inFrame && !this.#inMessage;
  }

  /** Reads until so many frames ended; answers how many bytes these are, all of them where there are fewer. */
  read(chunk: Uint8Array, mostFrames = Infinity): number {
    const before = this.begun;
    const wasInside = this.#inFrame || this.#inMessage;
    let frames = 0;
    const mostEnded = this.ended + mostFrames;
    let at = 0;
    while (at < chunk.length && this.ended < mostEnded) {
      if (!this.#inFrame) {
        frames += 1;
        this.#enter();
      }
      at =
        this.#headerRead < this.#headerLength
          ? this.#readHeader(chunk, at)
          : this.#skipPayload(at, chunk.length);
      if (this.#headerRead < this.#headerLength || this.#payload > 0) continue;
      this.#leave();
      this.ended += 1;
    }
    const isBetween = this.isBetweenMessages;
    if (isBetween || !wasInside || this.begun !== before) this.heldBytes = 0;
    if (!isBetween) this.heldBytes += at + PART_COST_BYTES * (1 + frames);
    return at;
  }

  #enter(): void {
    this.#inFrame = true;
    this.#headerRead = 0;
    this.#headerLength = 2;
    this.#lengthEnds = 2;
    this.#payload = 0;
    if (!this.#inMessage) this.begun += 1;
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] ?? 0;
    if (this.#headerRead === 0) this.#first = byte;
    else if (this.#headerRead === 1) this.#readLength(byte);
    else if (this.#headerRead < this.#lengthEnds) this.#payload = this.#payload * 256 + byte;
    this.#headerRead += 1;
    return at + 1;
  }

  #readLength(byte: number): void {
    const length = byte & LENGTH_BITS;
    const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
    this.#payload = extended === 0 ? length : 0;
    this.#lengthEnds = 2 + extended;
    this.#headerLength = this.#lengthEnds + (byte & MASKED ? 4 : 0);
  }

  #skipPayload(at: number, end: number): number {
    const skipped = Math.min(this.#payload, end - at);
    this.#payload -= skipped;
    return at + skipped;
  }

  #leave(): void {
    this.#inFrame = false;
    if ((this.#first & CONTROL) === 0) this.#inMessage = (this.#first & FIN) === 0;
  }
}
