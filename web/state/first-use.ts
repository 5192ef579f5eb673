/**
 * [UI10] When what a page needs besides being seen may be fetched: as soon as somebody uses it, or has had it before them
 * for a while. Knows nothing of what waits for that.
 */

/** Of these each leads to more, or may: a press, a key, a choice, something held over the page, another address. */
export const SIGNS_OF_USE = [
  'pointerdown',
  'keydown',
  'click',
  'focusin',
  'change',
  'dragenter',
  'paste',
  'hashchange',
] as const;

/** Somebody who only looks loses nothing, and their network is free for that long. */
export const LOOKED_MS = 3_000;

/** Settles with the first sign of use, or when the time to look is over. */
export function firstUse(
  window: Pick<Window, 'addEventListener' | 'removeEventListener' | 'setTimeout' | 'clearTimeout'>,
): Promise<void> {
  return new Promise((resolve) => {
    const used = (): void => {
      window.clearTimeout(timer);
      for (const sign of SIGNS_OF_USE) window.removeEventListener(sign, used, true);
      resolve();
    };
    const timer = window.setTimeout(used, LOOKED_MS);
    // Before anything on the page can keep them to itself.
    for (const sign of SIGNS_OF_USE) window.addEventListener(sign, used, true);
  });
}
