/**
 * Buffers of blocks that were sent, for the next ones: fresh memory has to be fetched from the system page by page and
 * cleared, which costs more than the one copy of a block into it. What lies in one is anything. Bounded, for all links
 * together; it is the latest that are kept, as nearly all frames of a share have one size.
 */
const MOST = 16;

export class SpareFrames {
  readonly #buffers: ArrayBuffer[] = [];

  take(bytes: number): Uint8Array<ArrayBuffer> {
    const nth = this.#buffers.findLastIndex(({ byteLength }) => byteLength === bytes);
    const [buffer] = nth < 0 ? [] : this.#buffers.splice(nth, 1);
    return buffer === undefined ? new Uint8Array(bytes) : new Uint8Array(buffer);
  }

  keep(buffers: readonly ArrayBuffer[]): void {
    this.#buffers.push(...buffers);
    this.#buffers.splice(0, this.#buffers.length - MOST);
  }
}
