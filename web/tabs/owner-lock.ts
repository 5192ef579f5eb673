/**
 * Which tab of this browser owns the peer ([TB1]): the one that holds the Web Lock; the others wait for it. Knows what a
 * browser says about locks, and nothing of what an owner does.
 */
import { nameOnOrigin } from '../worker/base-path.ts';

export interface OwnerListener {
  gained(): void;
  /** Another tab took it away. */
  lost(): void;
}

export class OwnerLock {
  readonly #locks: LockManager;
  readonly #name: string;
  readonly #listener: OwnerListener;
  #waiting: AbortController | null = null;

  constructor(locks: LockManager, basePath: string, listener: OwnerListener) {
    this.#locks = locks;
    this.#name = nameOnOrigin(basePath, '-owner');
    this.#listener = listener;
  }

  /** Waits for its turn, however long that is. */
  wait(): void {
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#request({ signal: waiting.signal });
  }

  /** [TB4] Takes it from a tab that does not answer. */
  steal(): void {
    this.#waiting?.abort();
    this.#request({ steal: true });
  }

  /** How many tabs there are: one holds the lock, the others wait for it. */
  async tabs(): Promise<number> {
    const { held = [], pending = [] } = await this.#locks.query();
    return [...held, ...pending].filter(({ name }) => name === this.#name).length;
  }

  #request(options: LockOptions): void {
    let held = false;
    const untilLost = (): Promise<never> => {
      held = true;
      this.#listener.gained();
      return new Promise<never>(() => undefined);
    };
    this.#locks.request(this.#name, options, untilLost).catch(() => {
      // What was not held was given up to be stolen, or the page is going.
      if (held) this.#listener.lost();
    });
  }
}
