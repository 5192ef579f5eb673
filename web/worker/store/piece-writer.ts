/**
 * [ST13] Puts pieces. Nearly all that is put is new, so it goes out as if nothing of it were stored, questions and writes
 * in one go: no write waits for an answer. The answers come before the transaction can end. Where they say otherwise
 * (another connection has written, content is here already) it is undone and done again with the answers first.
 * What is remembered is only a guess and decides nothing; nothing is wrong when it is out of date.
 */
import type { StoredPiece } from '../../../shared/peer/piece-store.ts';
import { putNew, putPieces } from './changes.ts';
import type { IsReadable, Put } from './changes.ts';
import type { FiledSegments } from './filed-segments.ts';
import { owns } from './owned-pieces.ts';
import { PlaceBook } from './place-book.ts';
import type { Database, Owned } from './schema.ts';
import type { MakeSegment } from './segments.ts';

/** One put. */
interface Order {
  readonly infoHash: string;
  readonly pieces: readonly StoredPiece[];
  readonly make: MakeSegment;
}

export class PieceWriter {
  readonly #files: FiledSegments;
  readonly #isReadable: IsReadable;
  /** What a share had and took when it was written last: a share that is not in it was not written yet. */
  readonly #owned = new Map<string, Owned | undefined>();
  /** As the last pieces were: content that is here already rarely comes alone. */
  #expectsNew = true;

  constructor(files: FiledSegments, isReadable: IsReadable) {
    this.#files = files;
    this.#isReadable = isReadable;
  }

  /** A guess: what is put next is not here yet. */
  get expectsNew(): boolean {
    return this.#expectsNew;
  }

  async put(database: Database, order: Order): Promise<void> {
    const { owned, wasNew } = (await this.#putNew(database, order)) ?? (await this.#putAny(database, order));
    this.#owned.set(order.infoHash, owned);
    this.#expectsNew = wasNew;
  }

  /** It has been changed by others than this. */
  forget(infoHash: string): void {
    this.#owned.delete(infoHash);
  }

  /** Null, and nothing was done: what is put is not expected to be new, or was not. */
  async #putNew(database: Database, { infoHash, pieces, make }: Order): Promise<Put | null> {
    if (!this.#expectsNew || !this.#owned.has(infoHash)) return null;
    const before = this.#owned.get(infoHash);
    this.#owned.delete(infoHash);
    if (pieces.some(({ piece }) => owns(before?.pieces, piece))) return null;
    return PlaceBook.try(database, this.#files, async (book) => {
      const put = await putNew(book, infoHash, pieces, make, before);
      return put.wasNew ? put : null;
    });
  }

  async #putAny(database: Database, { infoHash, pieces, make }: Order): Promise<Put> {
    let put: Put = { owned: undefined, wasNew: false };
    await PlaceBook.change(database, this.#files, async (book) => {
      put = await putPieces(book, infoHash, pieces, make, this.#isReadable);
    });
    return put;
  }
}
