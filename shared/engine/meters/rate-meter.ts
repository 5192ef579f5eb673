/**
 * Bytes a second over a sliding window: a ring of short buckets, so that adding is O(1) and an idle meter costs
 * nothing. Windows: long enough to smooth a block, short enough that a pipeline follows a change.
 */
const BUCKET_MS = 250;
const BUCKETS = 12;

export class RateMeter {
  readonly #buckets = new Float64Array(BUCKETS);
  /** The number of the newest bucket since time began; -1 before the first byte. */
  #newest = -1;
  #firstAt = 0;
  #inWindow = 0;
  total = 0;

  add(bytes: number, now: number): void {
    if (this.#newest < 0) {
      this.#firstAt = now;
      this.#newest = Math.floor(now / BUCKET_MS);
    }
    this.#advance(now);
    const slot = this.#newest % BUCKETS;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + bytes;
    this.#inWindow += bytes;
    this.total += bytes;
  }

  /** Over the window, or over the time since the first byte where that is shorter. */
  perSecond(now: number): number {
    if (this.#newest < 0) return 0;
    this.#advance(now);
    const windowMs = (BUCKETS - 1) * BUCKET_MS + (now - this.#newest * BUCKET_MS);
    const spanMs = Math.min(windowMs, Math.max(now - this.#firstAt, BUCKET_MS));
    return (this.#inWindow * 1000) / spanMs;
  }

  #advance(now: number): void {
    const current = Math.floor(now / BUCKET_MS);
    if (current - this.#newest >= BUCKETS) {
      this.#buckets.fill(0);
      this.#inWindow = 0;
      if (current > this.#newest) this.#firstAt = now;
      this.#newest = current;
      return;
    }
    while (this.#newest < current) {
      this.#newest++;
      const slot = this.#newest % BUCKETS;
      this.#inWindow -= this.#buckets[slot] ?? 0;
      this.#buckets[slot] = 0;
    }
  }
}
