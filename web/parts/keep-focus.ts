/**
 * Keeps the keyboard's place in a panel ([UI11]): when the control that has the focus goes, the one that stands in
 * its place in the row of buttons gets it; where there is none, the panel's heading, until one comes there. A focus
 * that is anywhere else is not moved. Knows no state of the page: it sees what comes and goes.
 */
import type { Attachment } from 'svelte/attachments';

/** In a panel with one `h1` and a row of buttons with the class `actions`. */
export const keepFocus = keepFocusAmong('.actions > :is(a, button)', 'h1');

/** In a list with an `h2`, whose rows come and go with their buttons. */
export const keepFocusInList = keepFocusAmong('button, a', 'h2');

/** `among`: selects the controls, in their order; `title`: what has the focus where none is left. */
function keepFocusAmong(among: string, title: string): Attachment<HTMLElement> {
  return (panel) => keptFocus(panel, among, title);
}

function keptFocus(panel: HTMLElement, among: string, title: string): () => void {
  let held: Element | null = null;
  /** Of what is held, among the controls of the row; -1: elsewhere in the panel. */
  let place = -1;

  const controls = (): HTMLElement[] => [...panel.querySelectorAll<HTMLElement>(among)];
  const heading = (): HTMLElement | null => panel.querySelector(title);

  function hold(element: Element | null): void {
    held = element;
    place = controls().findIndex((control) => control === element);
  }

  /** Some browsers tell of a control that is taken away as if the person had left it, while it still stands there. */
  function left(): void {
    queueMicrotask(() => {
      if (held?.isConnected === true && document.activeElement !== held) hold(null);
    });
  }

  function changed(): void {
    if (held === null) return;
    const waiting = held === heading() && place >= 0;
    if (held.isConnected && !waiting) return hold(held);
    const active = document.activeElement;
    const free = active === null || active === document.body || (waiting && active === held);
    if (!free) return hold(null);
    const next = controls()[place];
    if (next === undefined) return waiting ? undefined : standIn(heading());
    next.focus();
    hold(next); // in a window that is not in front nothing is told of it
  }

  /** Takes the focus for the place that is empty now, and is no stop of the keyboard afterwards. */
  function standIn(element: HTMLElement | null): void {
    const wanted = place;
    element?.setAttribute('tabindex', '-1');
    element?.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true });
    element?.focus({ preventScroll: true });
    held = element;
    place = wanted;
  }

  const observer = new MutationObserver(changed);
  const taken = ({ target }: FocusEvent): void => hold(target instanceof Element ? target : null);
  observer.observe(panel, { childList: true, subtree: true });
  panel.addEventListener('focusin', taken);
  panel.addEventListener('focusout', left);
  return () => {
    observer.disconnect();
    panel.removeEventListener('focusin', taken);
    panel.removeEventListener('focusout', left);
  };
}
