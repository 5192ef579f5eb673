/**
 * Bytes a second over a sliding window: a ring of short buckets, so that adding is O(1) and an idle meter costs
 * nothing. The window is long enough to smooth a block, and short enough to follow a change. What comes after a gap
 * longer than the window was on its way all the time: it is spread over the gap, so that a slow stream of large
 * blocks is measured as what it is.
 */
const BUCKET_MS = 250;
const BUCKETS = 12;
const WINDOW_MS = BUCKETS * BUCKET_MS;
/** A slow stream has ended when nothing came for so many times its last gap. */
const GAPS_UNTIL_SILENT = 2;

export class RateMeter {
  readonly #buckets = new Float64Array(BUCKETS);
  /** The number of the newest bucket since time began; -1 before the first byte. */
  #newest = -1;
  /** Since when bytes have been coming, as far as the window is concerned. */
  #since = 0;
  #lastAt = 0;
  /** The last gap that was longer than the window, in ms, and what came after it. */
  #gap = 0;
  #afterGap = 0;
  #inWindow = 0;
  total = 0;

  /** Nothing was on its way until now: the time before says nothing about the rate. */
  resume(now: number): void {
    if (this.#newest < 0 || now - this.#lastAt < WINDOW_MS) return;
    this.#advance(now);
    this.#since = now;
    this.#lastAt = now;
    this.#gap = 0;
  }

  add(bytes: number, now: number): void {
    if (this.#newest < 0) {
      this.#since = now;
      this.#lastAt = now;
      this.#newest = Math.floor(now / BUCKET_MS);
    }
    this.#advance(now);
    const gap = now - this.#lastAt;
    if (gap > WINDOW_MS) this.#spread(bytes, gap);
    else this.#put(this.#newest, bytes);
    this.#gap = gap > WINDOW_MS ? gap : 0;
    this.#afterGap = bytes;
    this.#lastAt = now;
    this.total += bytes;
  }

  /** Over the window, or over the time since the first byte where that is shorter. */
  perSecond(now: number): number {
    if (this.#newest < 0) return 0;
    this.#advance(now);
    const windowMs = (BUCKETS - 1) * BUCKET_MS + (now - this.#newest * BUCKET_MS);
    const spanMs = Math.min(windowMs, Math.max(now - this.#since, BUCKET_MS));
    return Math.max((this.#inWindow * 1000) / spanMs, this.#slowRate(now));
  }

  /** Of a stream whose gaps are longer than the window; 0: it is none, or it has ended. */
  #slowRate(now: number): number {
    const silent = now - this.#lastAt;
    if (this.#gap === 0 || silent > GAPS_UNTIL_SILENT * this.#gap) return 0;
    return (this.#afterGap * 1000) / Math.max(this.#gap, silent);
  }

  #spread(bytes: number, gap: number): void {
    const each = (bytes * BUCKET_MS) / gap;
    for (let bucket = this.#newest - BUCKETS + 1; bucket <= this.#newest; bucket++) this.#put(bucket, each);
  }

  #put(bucket: number, bytes: number): void {
    const slot = bucket < 0 ? bucket + BUCKETS : bucket % BUCKETS;
    this.#buckets[slot] = (this.#buckets[slot] ?? 0) + bytes;
    this.#inWindow += bytes;
  }

  #advance(now: number): void {
    const current = Math.floor(now / BUCKET_MS);
    if (current - this.#newest >= BUCKETS) {
      this.#buckets.fill(0);
      this.#inWindow = 0;
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
