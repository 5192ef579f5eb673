/**
 * What was typed into a page, kept with its step in the tab's history: who goes back to it, or loads it anew, finds it
 * there. Knows no page.
 */

/** A longer text is not worth keeping. UTF-16 units. */
const MOST_KEPT = 10_000;
/** Of ours in the state of a step. */
const KEY = 'typed';

export class TypedHere {
  readonly #history: Pick<History, 'state' | 'replaceState'>;

  constructor(history: Pick<History, 'state' | 'replaceState'>) {
    this.#history = history;
  }

  /** Empty: nothing. */
  get(): string {
    const { state } = this.#history as { state: unknown };
    if (typeof state !== 'object' || state === null || !(KEY in state)) return '';
    return typeof state[KEY] === 'string' ? state[KEY] : '';
  }

  set(text: string): void {
    if (text === this.get() || text.length > MOST_KEPT) return;
    try {
      this.#history.replaceState({ [KEY]: text }, '');
    } catch {
      return; // some browsers bear no more of it for a while
    }
  }
}
