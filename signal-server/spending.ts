/**
 * Points that were spent in fixed windows, by key ([SV5]): a window begins with its first point. Every message asks
 * here several times, so it is answered at once, and no key has a timer: what is over is forgotten when another window
 * begins.
 *
 * Owner of the invariant: the windows stand in the order in which they began.
 */
import type { Clock } from './swarms.ts';

interface Window {
  readonly begun: number;
  spent: number;
}

export class Spending<Key> {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #clock: Clock;
  readonly #windows = new Map<Key, Window>();

  /** `most`: points of one key in a window. */
  constructor(most: number, windowMs: number, clock: Clock) {
    this.#most = most;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#windows.size;
  }

  /** Whether these points are within the budget; they count either way. */
  spend(key: Key, points: number): boolean {
    const now = this.#clock();
    let window = this.#windows.get(key);
    if (!window || this.#isOver(window, now)) {
      this.#forget(now);
      window = { begun: now, spent: 0 };
      this.#windows.set(key, window);
    }
    window.spent += points;
    return window.spent <= this.#most;
  }

  #forget(now: number): void {
    for (const [key, window] of this.#windows) {
      if (!this.#isOver(window, now)) return;
      this.#windows.delete(key);
    }
  }

  #isOver({ begun }: Window, now: number): boolean {
    return now - begun >= this.#windowMs;
  }
}
