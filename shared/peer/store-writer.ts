/**
 * Puts verified pieces of one share into the store, several to a transaction ([ST3]): pieces that arrive while a
 * transaction is under way go into the next one together. Many small transactions are what makes IndexedDB slow.
 * Order of arrival is kept; every piece gets the answer of its own transaction. Knows nothing of peers.
 */
import type { InfoHash } from '../ids.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_PIECES } from './limits.ts';
import type { PieceStore, PutOutcome, StoredPiece } from './piece-store.ts';

interface Waiting extends StoredPiece {
  readonly answer: (outcome: PutOutcome) => void;
  readonly fail: (fault: unknown) => void;
}

export class StoreWriter {
  readonly #store: PieceStore;
  readonly #infoHash: InfoHash;
  #waiting: Waiting[] = [];
  #writing = false;
  #written: Promise<void> = Promise.resolve();

  constructor(store: PieceStore, infoHash: InfoHash) {
    this.#store = store;
    this.#infoHash = infoHash;
  }

  /** The piece's bytes must not change until the answer. Rejects only by a fault of ours, with what the store threw. */
  put(piece: StoredPiece): Promise<PutOutcome> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ ...piece, answer, fail });
      if (this.#writing) return;
      this.#writing = true;
      this.#written = this.#writeAll();
    });
  }

  /** Nothing more of the share is written; what waits is not answered. Settles when nothing is under way. */
  close(): Promise<void> {
    this.#waiting = [];
    return this.#written;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        const outcome = await this.#store.putPieces(this.#infoHash, batch);
        for (const { answer } of batch) answer(outcome);
      } catch (fault) {
        for (const { fail } of batch) fail(fault);
      }
    }
    this.#writing = false;
  }

  #nextBatch(): Waiting[] {
    let bytes = 0;
    let pieces = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes.byteLength;
      if (pieces > 0 && (bytes > MAX_BATCH_BYTES || pieces === MAX_BATCH_PIECES)) break;
      pieces += 1;
    }
    return this.#waiting.splice(0, pieces);
  }
}

export function isUnavailable(outcome: PutOutcome): boolean {
  return outcome.kind === 'failed' && outcome.why === 'unavailable';
}

export function isFull(outcome: PutOutcome): boolean {
  return outcome.kind === 'failed' && outcome.why === 'quota';
}
