/** The pings that one socket was sent, and who waits for an answer to them ([SV4], [TR4]). */
export class Pings {
  readonly #later: (task: () => void, ms: number) => () => void;
  readonly #ping: () => void;
  #waiters: (() => void)[] = [];
  #unanswered = 0;

  constructor(later: (task: () => void, ms: number) => () => void, ping: () => void) {
    this.#later = later;
    this.#ping = ping;
  }

  send(): void {
    this.#unanswered += 1;
    this.#ping();
  }

  /** Sends one; whether any is answered within that time. */
  answered(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#later(() => resolve(false), withinMs);
      this.#waiters.push(() => {
        cancel();
        resolve(true);
      });
      this.send();
    });
  }

  /** An answer came; whether anybody had asked for it. */
  ponged(): boolean {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
    if (this.#unanswered === 0) return false;
    this.#unanswered -= 1;
    return true;
  }

  forget(): void {
    this.#waiters = [];
  }
}
