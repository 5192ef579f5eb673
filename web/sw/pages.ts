/**
 * The open pages of this service worker's place: whether there are any, and whether all of them are of its own version
 * ([SA11]). Knows no saves. A page of an older version does not answer, and neither does one that is frozen.
 */
import type { VersionQuestion } from '../worker/saving/save-messages.ts';

declare const self: ServiceWorkerGlobalScope;

const ANSWER_PATIENCE_MS = 2_000;

/** Those of other paths of the origin are others' ([ST8]). */
async function openPages(): Promise<WindowClient[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return windows.filter(({ url }) => url.startsWith(self.registration.scope));
}

export async function isAnyPageOpen(): Promise<boolean> {
  return (await openPages()).length > 0;
}

/** One that is open comes to the front, else the page is opened. */
export async function lookAtPage(): Promise<void> {
  const [page] = await openPages();
  if (page === undefined) await self.clients.openWindow(self.registration.scope);
  else await page.focus();
}

/** `paths`: of the files of this version. */
export async function areAllOfThisVersion(paths: ReadonlySet<string>): Promise<boolean> {
  const scripts = await Promise.all((await openPages()).map(scriptOf));
  return scripts.every((script) => script !== null && paths.has(new URL(script).pathname));
}

/** The address of its script, whose name changes with what is in it; null where it does not answer. */
function scriptOf(page: WindowClient): Promise<string | null> {
  const { port1, port2 } = new MessageChannel();
  const question: VersionQuestion = { kind: 'which-script' };
  return new Promise<string | null>((resolve) => {
    const late = setTimeout(resolve, ANSWER_PATIENCE_MS, null);
    port1.onmessage = ({ data }: MessageEvent<string>) => {
      clearTimeout(late);
      resolve(data);
    };
    page.postMessage(question, [port2]);
  }).finally(() => port1.close());
}
