/**
 * The page's end of the service worker: registers it and asks it questions. Everything here may be missing (private
 * windows, a development server, a browser that refuses), which is a value and no error.
 */
import type { SaveQuestion } from '../worker/saving/save-messages.ts';

/** Beside the page, whose folder becomes its scope ([UI12]). */
const ADDRESS = 'sw.js';

/** Milliseconds that a save waits for the service worker to be installed, which loads the app's files once. */
const READY_PATIENCE_MS = 10_000;
const ANSWER_PATIENCE_MS = 10_000;

/** Called once after the first paint. A page without it works, it only saves and starts in a poorer way. */
export async function registerServiceWorker(): Promise<'registered' | 'not-here'> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return 'not-here';
  try {
    await navigator.serviceWorker.register(ADDRESS, { updateViaCache: 'none' });
    return 'registered';
  } catch {
    return 'not-here'; // refused by the browser or not reachable; tried again on the next load
  }
}

/** Null where there is none and none is on its way. */
export async function activeServiceWorker(): Promise<ServiceWorker | null> {
  if (!('serviceWorker' in navigator)) return null;
  const registration = await ownRegistration();
  const worker = registration?.active ?? registration?.waiting ?? registration?.installing ?? null;
  return worker === null ? null : activated(worker);
}

/** Where ours is not registered yet, the browser names one of a path above, which is another app's. */
async function ownRegistration(): Promise<ServiceWorkerRegistration | null> {
  const scope = new URL('./', document.baseURI).href;
  const nearest = await navigator.serviceWorker.getRegistration(scope).catch(() => undefined);
  return nearest?.scope === scope ? nearest : null;
}

/** The answer, or null where none comes. */
export function ask<Answer>(worker: ServiceWorker, question: SaveQuestion): Promise<Answer | null> {
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise<Answer>((resolve) => {
    port1.onmessage = (event: MessageEvent<Answer>) => resolve(event.data);
  });
  worker.postMessage(question, [port2]);
  return within(ANSWER_PATIENCE_MS, answered).finally(() => port1.close());
}

/** Before it is activated it answers nothing. Null where it does not come to that. */
async function activated(worker: ServiceWorker): Promise<ServiceWorker | null> {
  if (worker.state === 'activated') return worker;
  const changed = new Promise<ServiceWorker | null>((resolve) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') resolve(null);
    });
  });
  return within(READY_PATIENCE_MS, changed);
}

/** Null where it takes longer than that many milliseconds. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, milliseconds, null)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
