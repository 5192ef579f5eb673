/**
 * Whether the server has another version of this page by now ([AP6]). It is asked when something hints at that, never by
 * the clock, and never again once it is known. Knows no server and reloads nothing.
 */

/** Whether this page is the one that the server has; null: it does not say. */
export type IsServed = () => Promise<boolean | null>;

export class PageVersion {
  /** The server has another one. */
  newer = $state(false);
  /** [SA11] No page of an older version is open any more. */
  olderClosed = $state(false);
  #asking = false;
  readonly #isServed: IsServed;

  constructor(isServed: IsServed) {
    this.#isServed = isServed;
  }

  async look(): Promise<void> {
    if (this.newer || this.#asking) return;
    this.#asking = true;
    this.newer = (await this.#isServed()) === false;
    this.#asking = false;
  }
}
