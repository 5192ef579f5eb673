/**
 * The number of transfers that run, on the app's icon ([AP7]). One tab of a browser tells it, the one that owns the peer
 * ([TB1]). Where there is no app, or no badge, nothing happens. Knows no transfers.
 */

/** What it needs of a browser's `navigator`. */
export interface BadgePlatform {
  readonly setAppBadge?: (count: number) => Promise<void>;
  readonly clearAppBadge?: () => Promise<void>;
}

export class Badge {
  readonly #platform: BadgePlatform;
  #shown = 0;

  constructor(platform: BadgePlatform) {
    this.#platform = platform;
  }

  /** `count`: null where another tab tells it. */
  show(count: number | null): void {
    if (count === this.#shown) return;
    if (count === null) {
      this.#shown = 0; // whoever shows it now says how many there are
      return;
    }
    this.#shown = count;
    const { setAppBadge, clearAppBadge } = this.#platform;
    const shown = count > 0 ? setAppBadge?.call(this.#platform, count) : clearAppBadge?.call(this.#platform);
    void shown?.catch(() => undefined); // the system has none
  }
}
