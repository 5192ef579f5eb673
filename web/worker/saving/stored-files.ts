/**
 * [SA13] Files of stored shares, read part by part by whoever writes them to disk: nobody has to hold a whole one. Owns
 * the reader of the share that was read last, so that its list of files is not read again for each part.
 */
import type { InfoHash } from '../../../shared/ids.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';
import { storedManifest } from '../../../shared/peer/stored-manifest.ts';
import { MissingPiece, ShareReader } from './share-reader.ts';

export class StoredFiles {
  readonly #store: PieceStore;
  #last: { readonly infoHash: InfoHash; readonly reader: ShareReader } | null = null;

  constructor(store: PieceStore) {
    this.#store = store;
  }

  /** About 4 MiB of the file from an offset on; null where the share, the file or one of these pieces is not in the store. */
  async bytes(infoHash: InfoHash, file: number, from: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const reader = await this.#readerOf(infoHash);
    if (reader?.manifest.files[file] === undefined) return null;
    try {
      return await reader.part(file, from);
    } catch (error) {
      if (error instanceof MissingPiece) return null;
      throw error;
    }
  }

  async #readerOf(infoHash: InfoHash): Promise<ShareReader | null> {
    if (this.#last?.infoHash === infoHash) return this.#last.reader;
    const manifest = await storedManifest(this.#store, infoHash);
    if (manifest === null) return null;
    const reader = new ShareReader(this.#store, infoHash, manifest);
    this.#last = { infoHash, reader };
    return reader;
  }
}
