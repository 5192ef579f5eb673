/**
 * Puts verified pieces of one share into the store, several to a transaction ([ST3]): pieces that arrive while a
 * transaction is under way go into the next one together, which waits a little for more where they come fast. Many small
 * transactions are what makes IndexedDB slow.
 * Order of arrival is kept; every piece gets the answer of its own transaction. Knows nothing of peers.
 */
import type { InfoHash } from '../ids.ts';
import { GATHERED_PART, GATHERING_MS, MAX_BATCH_BYTES, MAX_BATCH_PIECES } from './limits.ts';
import type { PieceStore, PutOutcome, StoredPiece } from './piece-store.ts';
import type { Clock } from './ports.ts';

interface Waiting extends StoredPiece {
  readonly answer: (outcome: PutOutcome) => void;
  readonly fail: (fault: unknown) => void;
}

export class StoreWriter {
  readonly #store: PieceStore;
  readonly #infoHash: InfoHash;
  readonly #clock: Pick<Clock, 'now' | 'after'> | null;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** So many bytes are worth a transaction, by what was still to come when the last piece was put. */
  #enoughBytes = 0;
  /** When the last transaction began. */
  #beganAt = -Infinity;
  #writing = false;
  #written: Promise<void> = Promise.resolve();
  /** Ends the wait for more. */
  #go: (() => void) | null = null;

  /** Without a clock nothing waits for more. */
  constructor(store: PieceStore, infoHash: InfoHash, clock: Pick<Clock, 'now' | 'after'> | null = null) {
    this.#store = store;
    this.#infoHash = infoHash;
    this.#clock = clock;
  }

  /**
   * The piece's bytes must not change until the answer. `awaitedBytes`: of others that still come. Rejects only by a fault
   * of ours, with what the store threw.
   */
  put(piece: StoredPiece, awaitedBytes = 0): Promise<PutOutcome> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ ...piece, answer, fail });
      this.#waitingBytes += piece.bytes.byteLength;
      this.#enoughBytes = Math.min(this.#store.gatheredBytes ?? 0, awaitedBytes * GATHERED_PART);
      if (this.#waitingBytes >= this.#enoughBytes) this.#go?.();
      if (this.#writing) return;
      this.#writing = true;
      this.#written = this.#writeAll();
    });
  }

  /** Nothing more of the share is written; what waits is not answered. Settles when nothing is under way. */
  close(): Promise<void> {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#go?.();
    return this.#written;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const gathered = this.#gathering();
      if (gathered !== null) await gathered;
      this.#beganAt = this.#clock?.now() ?? 0;
      const batch = this.#nextBatch();
      if (batch.length === 0) break;
      try {
        const outcome = await this.#store.putPieces(this.#infoHash, batch);
        for (const { answer } of batch) answer(outcome);
      } catch (fault) {
        for (const { fail } of batch) fail(fault);
      }
    }
    this.#writing = false;
  }

  /** Until enough is here, or not longer; null where not even half of what lacks would come, at the pace since the last one began. */
  #gathering(): Promise<void> | null {
    const clock = this.#clock;
    const lacks = this.#enoughBytes - this.#waitingBytes;
    if (clock === null || lacks <= 0) return null;
    const pace = this.#waitingBytes / Math.max(1, clock.now() - this.#beganAt);
    if (pace * GATHERING_MS < lacks / 2) return null;
    return new Promise((gathered) => {
      const stop = clock.after(GATHERING_MS, () => this.#go?.());
      this.#go = () => {
        this.#go = null;
        stop();
        gathered();
      };
    });
  }

  #nextBatch(): Waiting[] {
    let bytes = 0;
    let pieces = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes.byteLength;
      if (pieces > 0 && (bytes > MAX_BATCH_BYTES || pieces === MAX_BATCH_PIECES)) break;
      pieces += 1;
    }
    const batch = this.#waiting.splice(0, pieces);
    for (const { bytes: taken } of batch) this.#waitingBytes -= taken.byteLength;
    return batch;
  }
}

export function isUnavailable(outcome: PutOutcome): boolean {
  return outcome.kind === 'failed' && outcome.why === 'unavailable';
}

export function isFull(outcome: PutOutcome): boolean {
  return outcome.kind === 'failed' && outcome.why === 'quota';
}
