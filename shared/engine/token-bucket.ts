/**
 * A rate limit ([RL1]): bytes a second, changeable while running, exact over seconds because what was taken beyond
 * the tokens is a debt that has to be paid first. A limit of null is no limit. Knows nothing of peers.
 */

/** What may be taken at once after a pause, in ms of the rate. */
const BURST_MS = 50;

export class TokenBucket {
  #rate: number | null;
  /** Bytes; negative: a debt. */
  #tokens = 0;
  #countedAt: number | null = null;

  constructor(bytesPerSecond: number | null = null) {
    this.#rate = bytesPerSecond;
  }

  get rate(): number | null {
    return this.#rate;
  }

  setRate(bytesPerSecond: number | null, now: number): void {
    this.#count(now);
    this.#rate = bytesPerSecond;
    if (bytesPerSecond === null) this.#tokens = 0;
  }

  /** May the next bytes be taken? */
  isOpen(now: number): boolean {
    if (this.#rate === null) return true;
    this.#count(now);
    // A limit of nothing has no first block either.
    return this.#tokens >= 0 && this.#rate > 0;
  }

  take(bytes: number, now: number): void {
    if (this.#rate === null) return;
    this.#count(now);
    this.#tokens -= bytes;
  }

  /** Bytes that were taken and not used after all. */
  giveBack(bytes: number): void {
    if (this.#rate !== null) this.#tokens += bytes;
  }

  /** When `isOpen` will be true; `now` or earlier where it is. Infinity: never at this rate. */
  opensAt(now: number): number {
    if (this.isOpen(now) || this.#rate === null) return now;
    return this.#rate === 0 ? Infinity : now + Math.ceil((-this.#tokens * 1000) / this.#rate);
  }

  #count(now: number): void {
    const since = this.#countedAt === null ? 0 : now - this.#countedAt;
    this.#countedAt = now;
    if (this.#rate === null) return;
    this.#tokens = Math.min(this.#tokens + (this.#rate * since) / 1000, (this.#rate * BURST_MS) / 1000);
  }
}
