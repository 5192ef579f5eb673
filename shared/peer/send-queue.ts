/**
 * What waits to go into a data channel ([PN2], [PN3]): frames are cut to what the other side takes in one message, and the
 * channel's own buffer is kept shallow, because deep ones cost a third of the speed. Owns the order of sending.
 * Knows no frames, no peer and no platform.
 */

/** The channel is given more once its buffer is down to this; it says so when it gets there. */
export const REFILL_BELOW_BYTES = 65_536;
/** What a frame is cut into that does not go as one message, where the other side takes as much. */
export const CUT_MESSAGE_BYTES = 65_536;

/** A frame goes as one message up to here, or up to what the other side takes where that is less. */
const LARGEST_MESSAGE_BYTES = 262_144;
/** Nobody takes less at once. Who says so would have us send byte by byte. */
const SMALLEST_MESSAGE_BYTES = 1_024;

/** Bytes of our messages to a side that takes `taken` bytes in one; null: it is not spoken to. */
export function messageBytes(taken: number): number | null {
  return taken < SMALLEST_MESSAGE_BYTES ? null : Math.min(taken, LARGEST_MESSAGE_BYTES);
}

/** What a data channel is for who sends, whatever made it. */
export interface OutgoingChannel {
  readonly bufferedAmount: number;
  readonly readyState: string;
  send(message: ArrayBuffer): void;
}

export class SendQueue {
  readonly #channel: OutgoingChannel;
  readonly #largestMessage: number;
  readonly #waiting: ArrayBuffer[] = [];

  /** `largestMessage`: bytes that the other side takes as one message. */
  constructor(channel: OutgoingChannel, largestMessage: number) {
    this.#channel = channel;
    this.#largestMessage = largestMessage;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  push(frame: ArrayBuffer): void {
    if (frame.byteLength <= this.#largestMessage) {
      this.#waiting.push(frame);
      return;
    }
    const cut = Math.min(CUT_MESSAGE_BYTES, this.#largestMessage);
    for (let at = 0; at < frame.byteLength; at += cut) this.#waiting.push(frame.slice(at, at + cut));
  }

  /**
   * Gives the channel what it has room for, and answers how many bytes that was. Stops only above the mark at which
   * the channel speaks up: one that fell silent below it would never ask for the rest. `copied` gets what the channel has a
   * copy of: a data channel takes it at once.
   */
  pump(copied: (message: ArrayBuffer) => void = () => undefined): number {
    let given = 0;
    while (this.#channel.readyState === 'open' && this.#channel.bufferedAmount <= REFILL_BELOW_BYTES) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#channel.send(next);
      given += next.byteLength;
      copied(next);
    }
    return given;
  }
}
