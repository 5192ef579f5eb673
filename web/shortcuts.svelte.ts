/**
 * Follows the keys of the page's shortcuts ([UI28]) and shows their list. Loaded behind the session; the list when it is
 * first asked for.
 */
import { mount, unmount } from 'svelte';
import { chunk } from './state/chunks.ts';
import { ShortcutKeys } from './state/shortcuts.ts';
import type { ShortcutAction, ShortcutChoice } from './state/shortcuts.ts';

interface Page {
  readonly window: Window;
  readonly choice: ShortcutChoice;
  readonly go: (fragment: string) => void;
}

/** Answers what ends it. */
export function followShortcuts({ window, choice, go }: Page): () => void {
  const keys = new ShortcutKeys();
  const { document } = window;
  let isListed = false;

  async function list(): Promise<void> {
    isListed = true;
    const { default: ShortcutList } = await chunk(() => import('./parts/ShortcutList.svelte'));
    const before = document.activeElement;
    const shown: Record<string, unknown> = mount(ShortcutList, {
      target: document.body,
      props: {
        choice,
        closed: () => {
          isListed = false;
          void unmount(shown);
          if (before instanceof HTMLElement) before.focus();
        },
      },
    });
  }

  function act(action: ShortcutAction): boolean {
    // What a dialog stands before is out of reach.
    if (!choice.wanted || isListed || document.querySelector('dialog[open]') !== null) return false;
    if (action.kind === 'list') {
      void list().catch(() => (isListed = false)); // it can be asked for again
      return true;
    }
    if (action.kind === 'go') {
      go(action.fragment);
      return true;
    }
    const selector =
      action.kind === 'search' ? 'main input[type="search"]' : `main [data-key="${action.key}"]`;
    const found = document.querySelector<HTMLElement>(selector);
    if (action.kind === 'search') found?.focus();
    else found?.click();
    return found !== null;
  }

  function pressed(event: KeyboardEvent): void {
    const action = keys.pressed(event, event.timeStamp);
    if (action !== null && act(action)) event.preventDefault();
  }

  window.addEventListener('keydown', pressed);
  return () => window.removeEventListener('keydown', pressed);
}
