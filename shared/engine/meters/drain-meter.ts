/**
 * How fast a peer takes what we send it: bytes by the time in which something was on the way to it, so that it says
 * nothing of how often the peer was sent something. What is long ago counts less.
 */

/** Once so many ms were measured, both sums are halved. */
const HALVED_AFTER_MS = 4_000;

export class DrainMeter {
  #bytes = 0;
  #ms = 0;

  /** So many bytes left in `ms`, counted from when the ones before them had left, or they were ordered. */
  add(bytes: number, ms: number): void {
    this.#bytes += bytes;
    this.#ms += ms;
    if (this.#ms < HALVED_AFTER_MS) return;
    this.#bytes /= 2;
    this.#ms /= 2;
  }

  /** Infinity where it took no time that the clock could see; 0: nothing was sent yet. */
  get perSecond(): number {
    return this.#bytes === 0 ? 0 : (this.#bytes * 1000) / this.#ms;
  }
}
