/**
 * [HL23] Notices that nothing comes through a connection any more: something waits to leave, nothing of it could, and
 * nothing came, for some seconds. The library says so only when it gives the connection up. Knows no connection.
 */
import type { Clock } from '../../shared/peer/ports.ts';

const SILENCE_MS = 5_000;

export class SilenceWatch {
  readonly #clock: Clock;
  readonly #waits: () => boolean;
  readonly #silent: () => void;
  #brokenAt = 0;
  #told = false;
  #cancel: (() => void) | null = null;

  /** `waits`: whether anything would leave if it could. `silent` is told once of each silence. */
  constructor(clock: Clock, waits: () => boolean, silent: () => void) {
    this.#clock = clock;
    this.#waits = waits;
    this.#silent = silent;
  }

  /** Something came or left. */
  broken(): void {
    this.#brokenAt = this.#clock.now();
    this.#told = false;
    this.watch();
  }

  /** Something may wait. */
  watch(): void {
    if (this.#cancel === null && !this.#told && this.#waits()) this.#lookIn(SILENCE_MS);
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#told = true;
  }

  #lookIn(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = null;
      if (!this.#waits()) return;
      const left = this.#brokenAt + SILENCE_MS - this.#clock.now();
      if (left > 0) return this.#lookIn(left);
      this.#told = true;
      this.#silent();
    });
  }
}
