/** What the page of settings says ([UI16]). Pure. */
import type { Figures } from './browser-storage.ts';
import { formatBytes } from '../../shared/words/format.ts';
import type { Permission } from './notifications.ts';

export function promiseSentence({ isPromised }: Figures): string {
  switch (isPromised) {
    case true:
      return 'The browser has promised to keep this, also when the disk runs full.';
    case false:
      return 'The browser may clear this away when the disk runs full. You can ask it not to.';
    case null:
      return 'This browser does not say whether it keeps this when the disk runs full.';
  }
}

/** After it was asked. */
export const REFUSED_SENTENCE =
  'The browser does not promise it now. It may when you use this page more often, or install it as an app.';

/** What the browser does not say is left out. */
export function storageFacts(
  sharesBytes: number,
  figures: Figures | null,
): { name: string; value: string }[] {
  const { usedBytes = null, quotaBytes = null } = figures ?? {};
  const facts = [
    { name: 'All shares', bytes: sharesBytes },
    { name: 'Whole site', bytes: usedBytes },
    { name: 'Allowed', bytes: quotaBytes },
  ];
  return facts.flatMap(({ name, bytes }) => (bytes === null ? [] : [{ name, value: formatBytes(bytes) }]));
}

export const FORGET_SENTENCE =
  'This removes every share, what is stored of it, the history and all settings from this browser. Links that only you share stop working for good. It cannot be undone.';

export const NOT_FORGOTTEN_SENTENCE =
  'The browser does not let go of what is stored. Close the other tabs of this page and try again, or clear the data of this site in the browser’s own settings.';

/** What the browser said when it was asked. */
export function notifySentence(permission: Permission): string {
  switch (permission) {
    case 'given':
      return 'Only while you are not looking at this page.';
    case 'missing':
      return 'This browser has no notifications for pages.';
    case 'refused':
      return "The browser does not let this page notify you. Allow it in the browser's settings for this site, then check the box again.";
    case 'not-asked':
      return 'You did not answer the question of the browser. Check the box again to be asked.';
  }
}
