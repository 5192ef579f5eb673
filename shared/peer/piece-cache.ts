/**
 * Whole pieces in memory, least recently used first out, bounded by bytes ([SO2]): 64 KiB blocks are served from
 * here, so that a piece is read from disk once and not once a block. Readers that ask for a piece at the same time
 * share one load. Pieces that were read together share a buffer, which is in memory as long as one of them is: what counts
 * are buffers. Knows nothing of where pieces come from.
 */
import { CACHE_BYTES } from './limits.ts';

export class PieceCache {
  readonly #limit: number;
  readonly #pieces = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #loads = new Map<string, Promise<unknown>>();
  /** How many pieces lie in each buffer. */
  readonly #buffers = new Map<ArrayBuffer, number>();
  #bytes = 0;

  /** `limit` in bytes. The piece used last stays even if it alone is larger. */
  constructor(limit: number = CACHE_BYTES) {
    this.#limit = limit;
  }

  /** Shared with other readers: not to be written to or transferred. */
  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    const piece = this.#pieces.get(key);
    if (piece === undefined) return undefined;
    this.#pieces.delete(key);
    this.#pieces.set(key, piece);
    return piece;
  }

  add(key: string, piece: Uint8Array<ArrayBuffer>): void {
    this.remove(key);
    this.#pieces.set(key, piece);
    this.#count(piece.buffer, 1);
    for (const oldest of this.#pieces.keys()) {
      if (this.#bytes <= this.#limit || oldest === key) break;
      this.remove(oldest);
    }
  }

  remove(key: string): void {
    const piece = this.#pieces.get(key);
    if (piece === undefined) return;
    this.#pieces.delete(key);
    this.#count(piece.buffer, -1);
  }

  #count(buffer: ArrayBuffer, more: 1 | -1): void {
    const before = this.#buffers.get(buffer) ?? 0;
    const now = before + more;
    if (now === 0) this.#buffers.delete(buffer);
    else this.#buffers.set(buffer, now);
    if (before === 0) this.#bytes += buffer.byteLength;
    if (now === 0) this.#bytes -= buffer.byteLength;
  }

  /**
   * Runs `load` unless a load under the same key is under way, whose result is then everybody's. Failures are not
   * remembered: the next reader tries again.
   */
  async sharing<T>(key: string, load: () => Promise<T>): Promise<T> {
    const underWay = this.#loads.get(key) as Promise<T> | undefined;
    if (underWay !== undefined) return underWay;
    const loading = load().finally(() => this.#loads.delete(key));
    this.#loads.set(key, loading);
    return loading;
  }
}
