/**
 * Verified pieces for which the store has no room ([UI17]): owns which ones wait in memory, and when the next one is
 * tried. One is tried at a time, so that a full disk is asked little; whatever could be stored lets the next one try at
 * once. While any waits nothing more is fetched, so what waits is bounded by what was under way. Knows no bytes.
 */

/** ms until the first try; each one that finds no room doubles it, up to the second. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

export class Room {
  /** In the order in which they are tried. */
  readonly #waiting = new Set<number>();
  #tried: number | null = null;
  #tryAt = -Infinity;
  #waitMs = FIRST_WAIT_MS;
  #endedAt = -Infinity;

  /** Something waits: nothing more is to be fetched. */
  get isFull(): boolean {
    return this.#waiting.size > 0;
  }

  /** When the next piece is due; Infinity: nothing waits, or one is being tried. */
  get tryAt(): number {
    return this.isFull && this.#tried === null ? this.#tryAt : Infinity;
  }

  /** Those that wait and of which none is being tried. */
  get idle(): readonly number[] {
    return [...this.#waiting].filter((piece) => piece !== this.#tried);
  }

  /** When nothing waited any more, in ms. */
  get endedAt(): number {
    return this.#endedAt;
  }

  /** It was verified while others wait. */
  waitsFor(piece: number): void {
    this.#waiting.add(piece);
  }

  /** There was no room for it. */
  refused(piece: number, now: number): void {
    const isNews = !this.isFull || this.#tried === piece;
    this.#waiting.add(piece);
    if (this.#tried === piece) this.#tried = null;
    // Others that were under way when the first one was refused say nothing new.
    if (!isNews) return;
    this.#tryAt = now + this.#waitMs;
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
  }

  /** It is stored: there is room. */
  stored(piece: number, now: number): void {
    const wasFull = this.isFull;
    this.forget(piece);
    this.made();
    if (wasFull && !this.isFull) this.#endedAt = now;
  }

  /** It does not wait any more, for another reason. */
  forget(piece: number): void {
    this.#waiting.delete(piece);
    if (this.#tried === piece) this.#tried = null;
  }

  /** There may be room now. */
  made(): void {
    this.#tryAt = -Infinity;
    this.#waitMs = FIRST_WAIT_MS;
  }

  /** The piece that is tried now; null: none is due. */
  next(now: number): number | null {
    if (now < this.tryAt) return null;
    const [piece] = this.#waiting;
    this.#tried = piece ?? null;
    return this.#tried;
  }
}
