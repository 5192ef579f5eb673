/**
 * Light, dark, or as the system is ([UI21]). The setting is the peer's ([LB14]); a copy of it is where the page finds it
 * before its first paint. Knows no view.
 */
import type { Theme } from '../../shared/peer/settings.ts';

type Root = Pick<HTMLElement, 'dataset'>;
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Null where the browser keeps nothing. */
export function pageMemory(page: Pick<Window, 'localStorage'>): Memory | null {
  try {
    return page.localStorage;
  } catch {
    return null; // storage is switched off: the system's theme it is, until the settings are read
  }
}

export class PageTheme {
  readonly #root: Root;
  readonly #memory: Memory | null;
  readonly #key: string;

  /** `key`: what it is kept under, which is this place's own ([ST8]). */
  constructor(root: Root, memory: Memory | null, key: string) {
    this.#root = root;
    this.#memory = memory;
    this.#key = key;
    const kept = memory?.getItem(key);
    if (kept === 'light' || kept === 'dark') root.dataset['theme'] = kept;
  }

  set(theme: Theme): void {
    if (theme === 'system') {
      delete this.#root.dataset['theme'];
      this.#memory?.removeItem(this.#key);
      return;
    }
    this.#root.dataset['theme'] = theme;
    try {
      this.#memory?.setItem(this.#key, theme);
    } catch {
      // Full: it is set again when the settings are read.
    }
  }
}
