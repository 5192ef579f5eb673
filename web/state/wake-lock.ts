/**
 * Keeps the screen on while bytes move and the page is looked at ([PN12]): a phone that locks its screen holds the page
 * back. The browser lets go when the page is hidden, so it is asked again when it is seen; where it refuses (an empty
 * battery, an older browser) the screen goes dark as ever. Knows nothing of what moves.
 */

/** What it needs of a window. */
export interface Screen {
  readonly document: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;
  readonly navigator: { readonly wakeLock?: Pick<WakeLock, 'request'> };
}

export class ScreenLock {
  readonly #screen: Screen;
  #wanted = false;
  /** Is being asked for, or held. */
  #held: WakeLockSentinel | 'asked' | null = null;
  readonly #look = (): void => void this.#settle();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  set(moving: boolean): void {
    if (moving === this.#wanted) return;
    this.#wanted = moving;
    const { document } = this.#screen;
    if (moving) document.addEventListener('visibilitychange', this.#look);
    else document.removeEventListener('visibilitychange', this.#look);
    void this.#settle();
  }

  /** Asks or lets go; what was wanted otherwise meanwhile is done when the answer is there. */
  async #settle(): Promise<void> {
    if (this.#held === 'asked') return;
    // The browser took it back, as it does when the page is hidden.
    if (this.#held?.released === true) this.#held = null;
    if (this.#held !== null && !this.#wanted) {
      void this.#held.release().catch(() => undefined);
      this.#held = null;
      return;
    }
    const { wakeLock } = this.#screen.navigator;
    if (this.#held !== null || wakeLock === undefined || !this.#isDue) return;
    this.#held = 'asked';
    this.#held = await wakeLock.request('screen').catch(() => null);
    if (this.#held !== null) await this.#settle();
  }

  get #isDue(): boolean {
    return this.#wanted && this.#screen.document.visibilityState === 'visible';
  }
}
