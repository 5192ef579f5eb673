/**
 * [ST10] Compacts the store while there is nothing else to do: a step at a time, with a look before each whether that is
 * still so. Owns when. What a step does is the store's.
 */
import { COMPACTION_GAP_MS, IDLE_AFTER_REMOVAL_MS, IDLE_BEFORE_COMPACTION_MS } from './limits.ts';
import type { PieceStore } from './piece-store.ts';
import type { Clock } from './ports.ts';

interface Surroundings {
  /** Something runs that is not told by `moved`. */
  isBusy(): boolean;
  freed(): void;
}

export class IdleCompaction {
  readonly #clock: Clock;
  readonly #store: PieceStore;
  readonly #around: Surroundings;
  #movedAt = -Infinity;
  /** How long nothing may have moved before the next step; null: there is nothing to compact. */
  #idleMs: number | null = null;
  #cancel: (() => void) | null = null;
  #stepping = false;
  #closed = false;

  constructor(clock: Clock, store: PieceStore, around: Surroundings) {
    this.#clock = clock;
    this.#store = store;
    this.#around = around;
  }

  /** Something is being received, sent, hashed or saved. Called very often. */
  moved(): void {
    this.#movedAt = this.#clock.now();
  }

  /** There may be something to compact. */
  stored(): void {
    this.#idleMs ??= IDLE_BEFORE_COMPACTION_MS;
    this.#plan(this.#idleMs);
  }

  /** There is something to compact, and room to win by it. */
  removed(): void {
    this.#idleMs = IDLE_AFTER_REMOVAL_MS;
    this.#cancel?.();
    this.#cancel = null;
    this.#plan(this.#idleMs);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #plan(ms: number): void {
    if (this.#cancel !== null || this.#stepping || this.#closed) return;
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = null;
      this.#look();
    });
  }

  #look(): void {
    if (this.#idleMs === null) return;
    const wait = this.#around.isBusy() ? this.#idleMs : this.#movedAt + this.#idleMs - this.#clock.now();
    if (wait > 0) this.#plan(wait);
    else void this.#step(this.#idleMs);
  }

  async #step(idleMs: number): Promise<void> {
    this.#stepping = true;
    this.#idleMs = null;
    const outcome = await this.#store.compact();
    this.#stepping = false;
    if (outcome.kind === 'more') {
      // Something may have been removed meanwhile.
      this.#idleMs ??= idleMs;
      if (outcome.freedBytes > 0) this.#around.freed();
    }
    if (this.#idleMs !== null) this.#plan(COMPACTION_GAP_MS);
  }
}
