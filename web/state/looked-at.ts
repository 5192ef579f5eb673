/**
 * Whether any tab of this browser that shows this page is looked at ([AP8]). Each of them holds a lock while it is, and
 * shares it with the others; the browser takes it from a tab that is gone. Knows no tab by itself.
 */

/** `locks`: undefined where the browser has none; then this tab is the only one that anybody knows of. */
export class LookedAt {
  readonly #locks: LockManager | undefined;
  readonly #document: Document;
  readonly #name: string;
  #letGo: (() => void) | null = null;
  readonly #changed = (): void => this.#follow();

  /** `name`: of the lock, this place's own ([ST8]). */
  constructor(locks: LockManager | undefined, document: Document, name: string) {
    [this.#locks, this.#document, this.#name] = [locks, document, name];
    document.addEventListener('visibilitychange', this.#changed);
    this.#follow();
  }

  /** This tab, or another one. */
  async isAny(): Promise<boolean> {
    if (this.#document.visibilityState === 'visible') return true;
    const known = await this.#locks?.query().catch(() => null);
    return known?.held?.some(({ name }) => name === this.#name) === true;
  }

  end(): void {
    this.#document.removeEventListener('visibilitychange', this.#changed);
    this.#release();
  }

  #follow(): void {
    if (this.#document.visibilityState !== 'visible') return this.#release();
    if (this.#letGo !== null) return;
    const held = new Promise<void>((resolve) => (this.#letGo = resolve));
    // Without it a notification too many may come.
    void this.#locks?.request(this.#name, { mode: 'shared' }, () => held).catch(() => undefined);
  }

  #release(): void {
    this.#letGo?.();
    this.#letGo = null;
  }
}
