/**
 * Asks before the page is left while something is moving ([UI5]). Listens only then: a page that always
 * listens cannot be kept alive by the browser for going back.
 */
export class LeavingGuard {
  #on = false;
  readonly #window: Pick<Window, 'addEventListener' | 'removeEventListener'>;
  readonly #ask = (event: BeforeUnloadEvent): void => event.preventDefault();

  constructor(window: Pick<Window, 'addEventListener' | 'removeEventListener'>) {
    this.#window = window;
  }

  set(moving: boolean): void {
    if (moving === this.#on) return;
    this.#on = moving;
    if (moving) this.#window.addEventListener('beforeunload', this.#ask);
    else this.#window.removeEventListener('beforeunload', this.#ask);
  }
}
