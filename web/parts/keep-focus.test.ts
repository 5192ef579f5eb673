// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../testing/fake-worker.ts';
import { keepFocus, keepFocusInList } from './keep-focus.ts';

let panel: HTMLElement;
let stop: () => void = () => undefined;

/** A row of buttons by their names, beneath a heading and a link that is no part of the row. */
beforeEach(() => {
  document.body.innerHTML = `
    <a id="outside" href="#/">outside</a>
    <section><h1>Photos</h1><a id="inside" href="#/">inside</a><div class="actions"></div></section>`;
  panel = document.querySelector('section')!;
  stop = keepFocus(panel) ?? stop;
});

afterEach(() => {
  stop();
  document.body.replaceChildren();
});

const at = (id: string): HTMLElement => document.getElementById(id)!;
const held = (): string => {
  const { activeElement } = document;
  return activeElement?.id || activeElement?.tagName.toLowerCase() || 'nothing';
};

/** The row as the state has it now: what stays is the same element, what is new another. */
async function row(...names: string[]): Promise<void> {
  const actions = panel.querySelector('.actions')!;
  const wanted = names.map(
    (name) => document.getElementById(name) ?? Object.assign(document.createElement('button'), { id: name }),
  );
  // What stays is never taken out: that alone would take its focus.
  for (const control of [...actions.children]) if (!wanted.includes(control as HTMLElement)) control.remove();
  wanted.forEach((control, place) => {
    if (actions.children[place] !== control) actions.insertBefore(control, actions.children[place] ?? null);
  });
  await settle();
}

describe('[UI11] the control that has the focus goes', () => {
  it.each([
    ['first', ['download'], 'download', ['pause'], 'pause'],
    ['second of three', ['a', 'b', 'c'], 'b', ['a', 'new', 'c'], 'new'],
    ['second, and the first with it', ['a', 'b'], 'b', ['x', 'y'], 'y'],
    ['first, and the next moves up', ['a', 'b'], 'a', ['b'], 'b'],
  ])('the one in its place gets it: %s', async (_, before, focused, after, expected) => {
    await row(...before);
    at(focused).focus();
    await row(...after);
    expect(held()).toBe(expected);
  });

  it('the place is the one it had at last, not when it got the focus', async () => {
    await row('a', 'b');
    at('b').focus();
    await row('b');
    expect(held()).toBe('b');
    await row('x', 'y');
    expect(held()).toBe('x');
  });

  it('each of several, one after another', async () => {
    await row('a');
    at('a').focus();
    for (const next of ['b', 'c', 'd']) {
      await row(next);
      expect(held()).toBe(next);
    }
  });

  it('the heading gets it where nothing takes its place, and then what comes there', async () => {
    await row('a', 'b');
    at('b').focus();
    await row('a');
    expect(held()).toBe('h1');
    await row('a', 'c');
    expect(held()).toBe('c');
    // The heading is no stop of the keyboard for anybody else.
    expect(panel.querySelector('h1')?.hasAttribute('tabindex')).toBe(false);
  });

  it('the heading keeps it while only other places are filled', async () => {
    await row('a', 'b');
    at('b').focus();
    await row();
    await row('x');
    expect(held()).toBe('h1');
  });

  it('the heading gives it to nobody once the person has moved on', async () => {
    await row('a');
    at('a').focus();
    await row();
    at('outside').focus();
    await row('b');
    expect(held()).toBe('outside');
  });

  it('the heading gets it from what is no part of the row, and keeps it', async () => {
    await row('a');
    at('inside').focus();
    at('inside').remove();
    await settle();
    expect(held()).toBe('h1');
    await row('b');
    expect(held()).toBe('h1');
  });

  it('also in a window that is not in front, where nothing is told of a focus', async () => {
    const hushed = (event: Event): void => event.stopImmediatePropagation();
    await row('a');
    at('a').focus();
    document.addEventListener('focusin', hushed, true);
    await row('b');
    panel.append('a figure that changes');
    await settle();
    await row('c');
    document.removeEventListener('focusin', hushed, true);
    expect(held()).toBe('c');
  });

  it('also in a browser that tells of it as if the person had left, before it is gone', async () => {
    await row('a');
    at('a').focus();
    at('a').dispatchEvent(new FocusEvent('focusout', { bubbles: true }));
    await row('b');
    expect(held()).toBe('b');
  });
});

describe('[UI11] a focus that is elsewhere is not moved', () => {
  it.each(['outside', 'inside'])('%s', async (id) => {
    await row('a');
    at('a').focus();
    at(id).focus();
    await row('b');
    expect(held()).toBe(id);
  });

  it('nowhere, after the person left the control', async () => {
    await row('a');
    at('a').focus();
    at('a').blur();
    await settle();
    await row('b');
    expect(held()).toBe('body');
  });

  it('nowhere from the beginning', async () => {
    await row('a');
    await row('b');
    expect(held()).toBe('body');
  });

  it('on another control, when one beside it goes', async () => {
    await row('a', 'b');
    at('b').focus();
    await row('x', 'b');
    expect(held()).toBe('b');
  });

  it('by a panel that is gone', async () => {
    await row('a');
    at('a').focus();
    stop();
    await row('b');
    expect(held()).toBe('body');
  });
});

describe('[UI11] the focus in a list', () => {
  it('[UI11] goes to the button in the place of one that goes, and to the title where none is left', async () => {
    document.body.innerHTML =
      '<section><h2>Peers</h2><table><tr><td><button id="a"></button></td></tr><tr><td><button id="b"></button></td></tr></table></section>';
    const list = document.querySelector('section')!;
    const end = keepFocusInList(list) ?? stop;
    at('a').focus();
    at('a').closest('tr')!.remove();
    await settle();
    expect(held()).toBe('b');
    at('b').closest('tr')!.remove();
    await settle();
    expect(held()).toBe('h2');
    end();
  });
});
