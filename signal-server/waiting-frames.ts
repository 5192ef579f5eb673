/** Frames of one socket that wait for their turn, and what they cost ([SV4]). */
import { PART_COST_BYTES } from './frame-meter.ts';

export interface WaitingFrame {
  /** Bytes, or a text that was read already. */
  readonly data: Buffer | string;
  readonly isBinary: boolean;
  /** What came with it from the network and stays in memory with it. */
  readonly bytes: number;
}

export class WaitingFrames {
  readonly #frames: WaitingFrame[] = [];
  #heldBytes = 0;

  get length(): number {
    return this.#frames.length;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  push(frame: WaitingFrame): void {
    this.#frames.push(frame);
    this.#heldBytes += frame.bytes + PART_COST_BYTES;
  }

  shift(): WaitingFrame | undefined {
    const frame = this.#frames.shift();
    if (frame) this.#heldBytes -= frame.bytes + PART_COST_BYTES;
    return frame;
  }

  clear(): void {
    this.#frames.length = 0;
    this.#heldBytes = 0;
  }
}
