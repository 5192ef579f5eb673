/**
 * Buffers for pieces under way, used again: fresh memory has to be fetched from the system page by page and cleared,
 * which costs as much as the one copy of each block into it. A driver gives it to its machine as `allocate` and gives
 * a buffer back when the machine has heard that the piece is stored, because then nobody looks at it any more. What
 * lies in a buffer is anything: a piece is complete only when each of its bytes was written. Bounded.
 */
import { MAX_SPARE_PIECE_BYTES } from '../../limits.ts';

export class PieceMemory {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #spareBytes = 0;

  allocate = (bytes: number): Uint8Array<ArrayBuffer> => {
    const nth = this.#spare.findLastIndex((one) => one.length === bytes);
    if (nth < 0) return new Uint8Array(bytes);
    const [buffer] = this.#spare.splice(nth, 1) as [Uint8Array<ArrayBuffer>];
    this.#spareBytes -= bytes;
    return buffer;
  };

  /** The machine and its driver are done with it. */
  reuse(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#spareBytes + buffer.length > MAX_SPARE_PIECE_BYTES) return;
    this.#spare.push(buffer);
    this.#spareBytes += buffer.length;
  }
}
