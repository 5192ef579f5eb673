/**
 * A rate limit ([RL1]): bytes a second, changeable while running, exact over seconds because what was taken beyond
 * the tokens is a debt that has to be paid first. A limit of null is no limit. Several machines can have parts of one
 * bucket ([RL3]): they draw from the same tokens, and who has drawn least goes first, as in start-time fair queueing
 * (Goyal, Vin and Cheng 1996). Knows nothing of peers.
 */

/** What may be taken at once after a pause, in ms of the rate. */
const BURST_MS = 50;
/** Who goes first and does not draw within so many ms of the bucket's opening loses its place: less than the burst. */
const CLAIM_MS = 20;
/** A part that is not first looks again after so many ms. */
const TURN_MS = 2;

/** What all parts of a bucket have in common. */
interface Pool {
  rate: number | null;
  /** Bytes; negative: a debt. */
  tokens: number;
  countedAt: number | null;
  parts: number;
  /** The place in line of who drew last. */
  place: number;
  /** Parts that wait, until when their claim holds. Empty where there is one part alone. */
  readonly waiting: Map<TokenBucket, number>;
}

export class TokenBucket {
  readonly #pool: Pool;
  /** The place in line: what it has drawn, counted from the place of who drew when it came. */
  #place = 0;

  constructor(bytesPerSecond: number | null = null, pool?: Pool) {
    const fresh = { tokens: 0, countedAt: null, parts: 0, place: 0, waiting: new Map() };
    this.#pool = pool ?? { rate: bytesPerSecond, ...fresh };
    this.#pool.parts++;
  }

  /** The same bucket for somebody else: one rate, one debt, and turns. */
  part(): TokenBucket {
    return new TokenBucket(null, this.#pool);
  }

  get rate(): number | null {
    return this.#pool.rate;
  }

  setRate(bytesPerSecond: number | null, now: number): void {
    this.#count(now);
    this.#pool.rate = bytesPerSecond;
    if (bytesPerSecond === null) this.#pool.tokens = 0;
  }

  /** May the next bytes be taken? */
  isOpen(now: number): boolean {
    const pool = this.#pool;
    if (pool.rate === null) return true;
    this.#count(now);
    // A limit of nothing has no first block either.
    return pool.tokens >= 0 && pool.rate > 0 && (pool.waiting.size === 0 || this.#isFirst(now));
  }

  take(bytes: number, now: number): void {
    const pool = this.#pool;
    if (pool.rate === null) return;
    this.#count(now);
    pool.tokens -= bytes;
    if (pool.parts === 1) return;
    pool.place = Math.max(this.#place, pool.place);
    this.#place = pool.place + bytes;
    pool.waiting.delete(this);
  }

  /** Bytes that were taken and not used after all. */
  refund(bytes: number): void {
    if (this.#pool.rate !== null) this.#pool.tokens += bytes;
  }

  /**
   * Waits for the next bytes: a part that comes back when it is told to keeps its place among the others. Answers
   * when `isOpen` will be true; `now` or earlier where it is. Infinity: never at this rate.
   */
  claim(now: number): number {
    if (this.isOpen(now)) return now;
    const { rate, tokens, parts, waiting } = this.#pool;
    if (rate === null) return now;
    if (rate === 0) return Infinity;
    const opensAt = now + Math.max(0, Math.ceil((-tokens * 1000) / rate));
    if (parts > 1) waiting.set(this, opensAt + CLAIM_MS);
    return opensAt > now ? opensAt : now + TURN_MS;
  }

  /** Nobody who waits has drawn less. */
  #isFirst(now: number): boolean {
    const pool = this.#pool;
    for (const [other, until] of pool.waiting) {
      if (until < now) pool.waiting.delete(other);
      else if (other !== this && other.#place < this.#place) return false;
    }
    return true;
  }

  #count(now: number): void {
    const pool = this.#pool;
    const since = pool.countedAt === null ? 0 : now - pool.countedAt;
    pool.countedAt = now;
    if (pool.rate === null) return;
    pool.tokens = Math.min(pool.tokens + (pool.rate * since) / 1000, (pool.rate * BURST_MS) / 1000);
  }
}
