/**
 * A Web Lock held while this tab serves or waits ([WK4]): a browser that saves energy freezes hidden tabs, but not
 * one that holds a lock. A name of its own, so that no tab waits for another.
 */
import { nameOnOrigin } from './base-path.ts';

export class SeedingLock {
  readonly #name: string;
  #release: (() => void) | null = null;

  constructor(basePath: string) {
    this.#name = nameOnOrigin(basePath, `-seeding-${crypto.randomUUID()}`);
  }

  hold(wanted: boolean): void {
    if (!wanted) {
      this.#release?.();
      this.#release = null;
      return;
    }
    if (this.#release !== null || !('locks' in navigator)) return;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    this.#release = release;
    navigator.locks
      .request(this.#name, () => held)
      .catch(() => {
        // Refused: the next time it is asked for anew. It may be another one's turn by now.
        if (this.#release === release) this.#release = null;
      });
  }
}
