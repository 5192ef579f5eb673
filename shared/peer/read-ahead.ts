/**
 * [UP8] Reads pieces into the cache of their source before they are served, few at a time: what does not get ready so is
 * read when it is served. Knows no peers.
 */
import type { BlockSource } from './block-sources.ts';
import { MOST_READ_AHEAD } from './limits.ts';

export class ReadAhead {
  readonly #source: BlockSource;
  #reading = 0;

  constructor(source: BlockSource) {
    this.#source = source;
  }

  /** Rejects only by a fault of ours. What cannot be read is told when it is to be served. */
  async read(piece: number, sha256: string): Promise<void> {
    if (this.#reading >= MOST_READ_AHEAD) return;
    this.#reading += 1;
    await this.#source.readAhead?.(piece, sha256);
    this.#reading -= 1;
  }
}
