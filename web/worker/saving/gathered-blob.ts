/**
 * [SA6] Bytes that come in chunks as one Blob of inner Blobs, each of one group of them: a browser may move a finished
 * Blob out of memory, a list of buffers, or a response that is still being read, it cannot.
 */
import { BLOB_GROUP_BYTES } from '../../../shared/peer/limits.ts';

export class BlobGatherer {
  readonly #groups: Blob[] = [];
  #group: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  add(chunk: Uint8Array<ArrayBuffer>): void {
    this.#group.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < BLOB_GROUP_BYTES) return;
    this.#groups.push(new Blob(this.#group));
    [this.#group, this.#bytes] = [[], 0];
  }

  whole(type: string): Blob {
    return new Blob([...this.#groups, ...this.#group], { type });
  }
}
