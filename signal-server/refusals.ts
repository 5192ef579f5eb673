/** Counts the messages of one socket that were refused, and says when it is flooding ([SV5]). */
import { REFUSALS_BEFORE_CUT, WINDOW_S } from './limits.ts';

export class Refusals {
  #since = 0;
  #count = 0;

  /** One more; whether that is too many. */
  isTooMany(now: number): boolean {
    if (now - this.#since > WINDOW_S * 1000) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count > REFUSALS_BEFORE_CUT;
  }
}
