/** One wake-up for the next of somebody's deadlines, moved only when it comes earlier or has passed. */
import type { Clock } from './ports.ts';

export class Wakeup {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #cancel: () => void = () => undefined;
  #at = Infinity;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** `at`: in ms of the clock; null: nothing is waited for. */
  next(at: number | null, now: number): void {
    if (at === null || at >= this.#at) return;
    this.#cancel();
    this.#at = at;
    this.#cancel = this.#clock.after(Math.max(0, at - now), () => {
      this.#at = Infinity;
      this.#wake();
    });
  }

  close(): void {
    this.#cancel();
  }
}
