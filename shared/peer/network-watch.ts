/**
 * When the ways to others have to be looked at anew ([PN11]): the host says that the network is another one, or a short
 * wait took far longer than it should have, because this device slept or its browser held us back. By both clocks, since
 * on some systems the one that never goes back stands still in a sleep; a wall clock that was set forward looks the same,
 * and costs a few connections. Knows nothing of what is looked at.
 */
import { CHECK_EVERY_MS, SLEPT_MS, WATCH_MS } from './limits.ts';
import { Pace } from './pace.ts';
import type { Clock } from './ports.ts';

export class NetworkWatch {
  readonly #clock: Clock;
  readonly #look: (slept: boolean) => void;
  readonly #hints: Pace<'hint'>;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(clock: Clock, look: (slept: boolean) => void) {
    this.#clock = clock;
    this.#look = look;
    this.#hints = new Pace(clock, CHECK_EVERY_MS, 1, () => {
      if (!this.#closed) look(false);
    });
    this.#watch();
  }

  /** It may be another network: networks come and go in fits, so a look may wait a moment. */
  changed(): void {
    this.#hints.enter('hint', 0);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #watch(): void {
    const [before, dayBefore] = [this.#clock.now(), this.#clock.today()];
    this.#cancel = this.#clock.after(WATCH_MS, () => {
      const passed = Math.max(this.#clock.now() - before, this.#clock.today() - dayBefore);
      this.#watch();
      if (passed >= WATCH_MS + SLEPT_MS) this.#look(true);
    });
  }
}
