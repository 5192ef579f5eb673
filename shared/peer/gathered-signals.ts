/**
 * [PN4] What one side of an attempt has to say: an offer or answer and its candidates come one by one, and those that come
 * within a moment go together, in one message to the tracker. Their order stays.
 */
import type { Clock } from './ports.ts';

const GATHER_MS = 50;

export class GatheredSignals {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #say: (signals: readonly unknown[]) => void;
  #gathered: unknown[] = [];
  #cancel: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'after'>, say: (signals: readonly unknown[]) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  push(signal: unknown): void {
    this.#gathered.push(signal);
    this.#cancel ??= this.#clock.after(GATHER_MS, () => {
      this.#cancel = null;
      this.#say(this.#gathered.splice(0));
    });
  }

  /** What was not said yet is not said. */
  end(): void {
    this.#cancel?.();
  }
}
