// @vitest-environment happy-dom
/** The shortcuts on a page, with its list. */
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followShortcuts } from './shortcuts.svelte.ts';
import { loaded, person, screen } from './testing/shown.ts';

let wanted: boolean;
let went: string[];
let pressed: string[];
let end: () => void;

beforeEach(() => {
  [wanted, went, pressed] = [true, [], []];
  const main = document.createElement('main');
  main.innerHTML =
    '<button data-key="c">Copy link</button><button data-key="c">another</button><input type="search" aria-label="Filter">';
  main.addEventListener('click', ({ target }) => pressed.push((target as Element).textContent ?? ''));
  document.body.append(main);
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(function show(
    this: HTMLDialogElement,
  ) {
    this.open = true;
  });
  const choice = {
    get wanted() {
      return wanted;
    },
    set: (now: boolean) => void (wanted = now),
  };
  end = followShortcuts({ window, choice: choice as never, go: (fragment) => went.push(fragment) });
});
afterEach(() => {
  end();
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe('[UI28] keyboard shortcuts on the page', () => {
  it('[UI28] go to pages, press the first control that is marked, and find the search', async () => {
    await person.keyboard('gt');
    await person.keyboard('c');
    await person.keyboard('/');
    expect([went, pressed]).toEqual([['#/transfers'], ['Copy link']]);
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
    await person.keyboard('c');
    expect(pressed).toEqual(['Copy link']);
  });

  it('[UI28] are listed by ?, once, and the focus comes back', async () => {
    const copy = screen.getByText('Copy link');
    copy.focus();
    await person.keyboard('?');
    await loaded();
    expect(screen.getAllByRole('dialog', { name: 'Keyboard shortcuts' })).toHaveLength(1);
    await person.keyboard('?c');
    await loaded();
    expect(screen.getAllByRole('dialog')).toHaveLength(1);
    screen.getByRole('dialog').dispatchEvent(new Event('close'));
    flushSync();
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(document.activeElement).toBe(copy);
    expect(pressed).toEqual([]);
  });

  it('[UI28] can be switched off, the list among them', async () => {
    await person.keyboard('?');
    await loaded();
    await person.click(screen.getByRole('checkbox', { name: 'Use keyboard shortcuts' }));
    expect(wanted).toBe(false);
    screen.getByRole('dialog').dispatchEvent(new Event('close'));
    flushSync();
    await person.keyboard('c?gh');
    await loaded();
    expect([pressed, went, screen.queryByRole('dialog')]).toEqual([[], [], null]);
  });
});
