/**
 * Lets things begin one after another, with time between them for everything else: those first that came least often,
 * of these who came first. What it is that begins is its owner's.
 */
import type { Clock } from './ports.ts';

export class Pace<T> {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #gapMs: number;
  readonly #burst: number;
  readonly #begin: (item: T) => void;
  /** In the order in which they came. */
  readonly #waiting = new Map<T, number>();
  #freeAt = -Infinity;
  #isAwaited = false;

  /** `burst`: how many begin at once where none began for a while. */
  constructor(clock: Pick<Clock, 'now' | 'after'>, gapMs: number, burst: number, begin: (item: T) => void) {
    this.#clock = clock;
    this.#gapMs = gapMs;
    this.#burst = burst;
    this.#begin = begin;
  }

  /** Begins at once, or when its turn comes. `rank`: how often the same came lately. */
  enter(item: T, rank: number): void {
    this.#waiting.set(item, rank);
    this.#go();
  }

  /** It takes nobody's turn any more. */
  leave(item: T): void {
    this.#waiting.delete(item);
  }

  #go(): void {
    const now = this.#clock.now();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const at = Math.max(now - (this.#burst - 1) * this.#gapMs, this.#freeAt);
      if (at > now) return this.#await(at - now);
      this.#freeAt = at + this.#gapMs;
      this.#waiting.delete(next);
      this.#begin(next);
    }
  }

  #await(ms: number): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#clock.after(ms, () => {
      this.#isAwaited = false;
      this.#go();
    });
  }

  #next(): T | undefined {
    let best: T | undefined;
    let least = Infinity;
    for (const [item, rank] of this.#waiting) if (rank < least) [best, least] = [item, rank];
    return best;
  }
}
