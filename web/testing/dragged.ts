/** What is dragged, dropped or pasted in the tests of views, as a browser tells of it. */
import { createEvent, fireEvent } from '@testing-library/dom';
import { flushSync } from 'svelte';
import { settle } from './fake-worker.ts';

/** What is dragged or pasted: files, or texts by their types. */
export function carried(files: File[], texts: Record<string, string> = {}, entries: unknown[] = []) {
  const ofFiles = files.map((file, nth) => ({
    kind: 'file',
    getAsFile: () => file,
    webkitGetAsEntry: () => entries[nth] ?? null,
  }));
  const ofTexts = Object.keys(texts).map((type) => ({ kind: 'string', type }));
  return {
    files,
    items: [...ofFiles, ...ofTexts],
    types: [...(files.length > 0 ? ['Files'] : []), ...Object.keys(texts)],
    getData: (type: string) => texts[type] ?? '',
  };
}

/** True where the page took what the event brings, and the browser must not act on it. */
export async function happens(
  what: 'dragOver' | 'dragLeave' | 'drop' | 'paste',
  target: Element,
  init: { carrying?: ReturnType<typeof carried>; relatedTarget?: Element | null } = {},
): Promise<boolean> {
  const { carrying, relatedTarget = null } = init;
  const event = createEvent[what](target, { dataTransfer: carrying, clipboardData: carrying });
  Object.defineProperty(event, 'relatedTarget', { value: relatedTarget });
  fireEvent(target, event);
  await settle();
  flushSync();
  return event.defaultPrevented;
}
