/**
 * How often something may happen: so many times at once, and so many a second after that. What is over is said at once
 * and costs two additions. Knows no clock: time is an argument, milliseconds that never go back.
 */
export class Allowance {
  readonly #most: number;
  readonly #perMs: number;
  #left: number;
  #at = -Infinity;

  constructor(most: number, perSecond: number) {
    this.#most = most;
    this.#perMs = perSecond / 1_000;
    this.#left = most;
  }

  /** False: that would be more than there is. Nothing is taken then. */
  take(count: number, now: number): boolean {
    this.#fill(now);
    if (count > this.#left) return false;
    this.#left -= count;
    return true;
  }

  /** Something happened that makes so much more of it right. */
  earn(count: number): void {
    this.#left = Math.min(this.#most, this.#left + count);
  }

  /** As much as ever: who asks for it anew is told the same as somebody unknown. */
  isFull(now: number): boolean {
    return this.used(now) === 0;
  }

  /** How much of it is not back yet. */
  used(now: number): number {
    this.#fill(now);
    return this.#most - this.#left;
  }

  #fill(now: number): void {
    if (now <= this.#at) return;
    if (this.#at !== -Infinity) this.earn((now - this.#at) * this.#perMs);
    this.#at = now;
  }
}
