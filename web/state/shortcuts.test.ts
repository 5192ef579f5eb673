// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { ShortcutChoice, ShortcutKeys, SHORTCUTS } from './shortcuts.ts';

const FREE = {
  repeat: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  target: null,
  defaultPrevented: false,
};

function pressedAll(
  keys: readonly string[],
  more: Partial<typeof FREE> | { target: Element } = {},
  gap = 100,
) {
  const shortcuts = new ShortcutKeys();
  return keys.map((key, nth) => shortcuts.pressed({ ...FREE, ...more, key }, nth * gap)).at(-1);
}

describe('[UI28] keyboard shortcuts', () => {
  it.each(SHORTCUTS.map(({ keys, does, action }) => [keys.join(' '), does, keys, action] as const))(
    '[UI28] %s: %s',
    (_keys, _does, keys, action) => {
      expect(pressedAll(keys)).toEqual(action);
      for (const held of ['ctrlKey', 'metaKey', 'altKey'] as const)
        expect(pressedAll(keys, { [held]: true })).toBeNull();
      expect(pressedAll(keys, { defaultPrevented: true })).toBeNull();
    },
  );

  it('[UI28] no two begin alike', () => {
    const texts = SHORTCUTS.map(({ keys }) => keys.join(''));
    for (const one of texts) expect(texts.filter((other) => other.startsWith(one))).toEqual([one]);
  });

  it('[UI28] a second key that comes late, or another one, begins anew', () => {
    expect(pressedAll(['g', 'h'], {}, 2_000)).toBeNull();
    expect(pressedAll(['g', 'x', 'h'])).toBeNull();
    expect(pressedAll(['g', 'x', 'c'])).toEqual({ kind: 'press', key: 'c' });
    // The second key of a pair is no shortcut of its own meanwhile.
    expect(pressedAll(['g', 'd'])).toBeNull();
  });

  it('[UI28] a key that is held for another one, or for long, is none', () => {
    expect(pressedAll(['Shift', '?'])).toEqual({ kind: 'list' });
    expect(pressedAll(['g', 'Shift', 't'])).toEqual({ kind: 'go', fragment: '#/transfers' });
    expect(pressedAll(['Tab', 'ArrowDown', 'd'])).toEqual({ kind: 'press', key: 'd' });
    expect(pressedAll(['d'], { repeat: true })).toBeNull();
  });

  it('[UI28] what is typed is text', () => {
    const page = document.createElement('div');
    page.innerHTML =
      '<input type="text"><input type="search"><textarea></textarea><select></select><input>' +
      '<div role="tree"><b></b></div><p contenteditable><i></i></p><input type="checkbox"><button></button>';
    const at = (selector: string) => ({ target: page.querySelector(selector)! });
    for (const field of ['[type=text]', '[type=search]', 'textarea', 'select', 'input:not([type])', 'b', 'i'])
      expect(pressedAll(['c'], at(field))).toBeNull();
    for (const control of ['[type=checkbox]', 'button'])
      expect(pressedAll(['c'], at(control))).toEqual({ kind: 'press', key: 'c' });
  });

  it('[UI28] are wanted until the person says otherwise, where that can be kept', () => {
    const kept = new Map<string, string>();
    const memory = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    const choice = new ShortcutChoice(memory, '/-shortcuts');
    expect(choice.wanted).toBe(true);
    choice.set(false);
    expect([choice.wanted, new ShortcutChoice(memory, '/-shortcuts').wanted]).toEqual([false, false]);
    choice.set(true);
    expect([choice.wanted, kept.size]).toEqual([true, 0]);
    const none = new ShortcutChoice(null, 'x');
    none.set(false);
    expect(none.wanted).toBe(false);
  });
});
