/**
 * Installing Shoal as an app ([AP5]), where the browser offers that. The offer is made quietly, and not again in this
 * tab's life once it was turned down. Knows no element of the page.
 */

/** What Chromium tells; no other browser has it, and its types do not know it. */
export interface InstallPrompt extends Event {
  prompt(): Promise<{ readonly outcome: 'accepted' | 'dismissed' }>;
}

export class Install {
  /** The browser would install it, and the person has not turned that down. */
  offered = $state(false);
  #prompt: InstallPrompt | null = null;
  readonly #memory: Pick<Storage, 'getItem' | 'setItem'> | null;
  readonly #key: string;

  /** `memory`: of this tab alone; null where the browser has none. `key`: of ours in it. */
  constructor(
    page: Pick<EventTarget, 'addEventListener'>,
    memory: Pick<Storage, 'getItem' | 'setItem'> | null,
    key: string,
  ) {
    [this.#memory, this.#key] = [memory, key];
    page.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault(); // or the browser would ask by itself, when it likes
      this.#prompt = event as InstallPrompt;
      this.offered = (memory?.getItem(key) ?? null) === null;
    });
    page.addEventListener('appinstalled', () => this.#over());
  }

  /** By a press: the browser asks for more than that. */
  async install(): Promise<void> {
    const prompt = this.#prompt;
    if (prompt === null) return;
    this.#over(); // a prompt can be used once
    // A browser that fails at it does not offer it again by itself, and neither do we.
    const { outcome } = await prompt.prompt().catch(() => ({ outcome: 'dismissed' }));
    if (outcome !== 'accepted') this.#remember();
  }

  turnDown(): void {
    this.#over();
    this.#remember();
  }

  #over(): void {
    this.#prompt = null;
    this.offered = false;
  }

  #remember(): void {
    try {
      this.#memory?.setItem(this.#key, 'no');
    } catch {
      return; // no room: then it is offered again
    }
  }
}

/** Some browsers throw at a page that they give no storage. */
export function tabMemory(page: Pick<Window, 'sessionStorage'>): Storage | null {
  try {
    return page.sessionStorage;
  } catch {
    return null;
  }
}
