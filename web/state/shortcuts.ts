/**
 * The keyboard shortcuts of the page ([UI28]): which keys, what they are called, and when they count. What is pressed by one
 * of them is marked in the views with `data-key`. Knows a window; shows nothing.
 */
import { basePathOf, nameOnOrigin } from '../worker/base-path.ts';
import { pageMemory } from './theme.ts';
import type { Memory } from './theme.ts';
import { ACTIVITY, FIND, HOME, SETTINGS, TRANSFERS } from './route.ts';

export type ShortcutAction =
  | { readonly kind: 'list' }
  | { readonly kind: 'go'; readonly fragment: string }
  /** Presses the first control on the page that is marked with it. */
  | { readonly kind: 'press'; readonly key: string }
  | { readonly kind: 'search' };

export interface Shortcut {
  /** One after the other. */
  readonly keys: readonly string[];
  readonly does: string;
  readonly action: ShortcutAction;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ['?'], does: 'Show this list', action: { kind: 'list' } },
  { keys: ['/'], does: 'Search or filter on this page', action: { kind: 'search' } },
  { keys: ['g', 'h'], does: 'Go to Home', action: { kind: 'go', fragment: HOME } },
  { keys: ['g', 't'], does: 'Go to Transfers', action: { kind: 'go', fragment: TRANSFERS } },
  { keys: ['g', 'f'], does: 'Go to Find', action: { kind: 'go', fragment: FIND } },
  { keys: ['g', 'a'], does: 'Go to Activity', action: { kind: 'go', fragment: ACTIVITY } },
  { keys: ['g', 's'], does: 'Go to Settings', action: { kind: 'go', fragment: SETTINGS } },
  { keys: ['d'], does: 'Download, pause or resume', action: { kind: 'press', key: 'd' } },
  { keys: ['c'], does: 'Copy the link', action: { kind: 'press', key: 'c' } },
  { keys: ['w'], does: 'Save', action: { kind: 'press', key: 'w' } },
];

/** What the choice is kept under, in its place ([ST8]). */
const SHORTCUTS_KEY = '-shortcuts';

/** One for each page, so that it holds everywhere also where nothing can be kept. */
const choices = new WeakMap<object, ShortcutChoice>();

export function shortcutChoiceOf(page: Pick<Window, 'localStorage' | 'location'>): ShortcutChoice {
  const known =
    choices.get(page) ??
    new ShortcutChoice(pageMemory(page), nameOnOrigin(basePathOf(page.location), SHORTCUTS_KEY));
  choices.set(page, known);
  return known;
}

/** What begins a pair. */
const BEGINS: ReadonlySet<string | undefined> = new Set(
  SHORTCUTS.filter(({ keys }) => keys.length > 1).map(({ keys }) => keys[0]),
);
const HELD = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock']);

/** ms within which the second key follows the first. */
const NEXT_KEY_MS = 1_500;

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'repeat' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target' | 'defaultPrevented'
>;

/** Which shortcut a key completes. */
export class ShortcutKeys {
  #before: { readonly key: string; readonly at: number } | null = null;

  /** `now` in ms; null: none, or not yet. */
  pressed(event: Pressed, now: number): ShortcutAction | null {
    // What is held down for the sake of another key, or held down for long, is no key of its own.
    if (event.repeat || HELD.has(event.key)) return null;
    const before = this.#before !== null && now - this.#before.at <= NEXT_KEY_MS ? this.#before.key : null;
    this.#before = null;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target))
      return null;
    const found = SHORTCUTS.find(({ keys }) =>
      before === null ? keys.length === 1 && keys[0] === event.key : isPair(keys, before, event.key),
    );
    if (before === null && BEGINS.has(event.key)) this.#before = { key: event.key, at: now };
    return found?.action ?? null;
  }
}

function isPair(keys: readonly string[], first: string, second: string): boolean {
  return keys.length === 2 && keys[0] === first && keys[1] === second;
}

/** Where keys are text, or move something. */
function isTyped(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  const { localName } = target;
  if (localName === 'textarea' || localName === 'select' || target.closest('[role="tree"]') !== null)
    return true;
  if (target.closest('[contenteditable]') !== null) return true;
  return (
    localName === 'input' &&
    !['checkbox', 'radio', 'button', 'file'].includes(target.getAttribute('type') ?? '')
  );
}

/** Whether the person wants them; they do until they say otherwise. Kept where every tab finds it. */
export class ShortcutChoice {
  readonly #memory: Memory | null;
  readonly #name: string;
  /** What was said on this page; null: nothing. */
  #here: boolean | null = null;

  /** `name`: what it is kept under, which is this place's own ([ST8]). */
  constructor(memory: Memory | null, name: string) {
    this.#memory = memory;
    this.#name = name;
  }

  get wanted(): boolean {
    return this.#here ?? this.#memory?.getItem(this.#name) !== 'off';
  }

  set(wanted: boolean): void {
    this.#here = wanted;
    try {
      if (wanted) this.#memory?.removeItem(this.#name);
      else this.#memory?.setItem(this.#name, 'off');
    } catch {
      // Full: it holds until the page goes.
    }
  }
}
