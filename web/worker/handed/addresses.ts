/**
 * Where other apps and the system lead to: the addresses of the web app manifest ([AP1]), beside the page ([UI12]). Texts
 * only; the manifest, the page and the service worker use them.
 */

/** Takes what is handed over, by POST: the service worker, or the server where there is none ([SV16]). */
export const SHARE_TARGET = 'share-target';

/** The page that takes what the service worker keeps. */
export const RECEIVED = '#/received';

/** Behind it a text that is judged like a typed link, percent-encoded. */
export const OPEN = '#/open/';

/** What the fields of the share target's form are called. */
export const FIELDS = { title: 'title', text: 'text', url: 'url', files: 'files' } as const;
