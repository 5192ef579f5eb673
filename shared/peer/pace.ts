/**
 * Lets things begin one after another, with time between them for everything else. What it is that begins, and whether
 * it still wants to when its turn comes, is its owner's.
 */
import type { Clock } from './ports.ts';

export class Pace {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #gapMs: number;
  readonly #burst: number;
  #freeAt = -Infinity;

  /** `burst`: how many begin at once where none began for a while. */
  constructor(clock: Pick<Clock, 'now' | 'after'>, gapMs: number, burst: number) {
    this.#clock = clock;
    this.#gapMs = gapMs;
    this.#burst = burst;
  }

  /** Settles when it may begin; null: at once. */
  turn(): Promise<void> | null {
    const now = this.#clock.now();
    const at = Math.max(now - (this.#burst - 1) * this.#gapMs, this.#freeAt);
    this.#freeAt = at + this.#gapMs;
    return at <= now ? null : new Promise((begin) => void this.#clock.after(at - now, begin));
  }
}
