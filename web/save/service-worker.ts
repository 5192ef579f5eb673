/**
 * The page's end of the service worker: registers it and asks it questions. Everything here may be missing (private
 * windows, a development server, a browser that refuses), which is a value and no error.
 */
import type { SaveQuestion, TakeOver, VersionQuestion } from '../worker/saving/save-messages.ts';

/** Beside the page, whose folder becomes its scope ([UI12]). */
const ADDRESS = 'sw.js';

/** Milliseconds that a save waits for the service worker to be installed, which loads the app's files once. */
const READY_PATIENCE_MS = 10_000;
const ANSWER_PATIENCE_MS = 10_000;
/** And for a newer version to take the older one's place, which waits until a save of that one has ended. */
const TAKE_OVER_PATIENCE_MS = 3_000;
/** A newer version that waits is asked again after this time, then after twice as long, and so on up to the other. */
const ASK_AGAIN_MS = 3_000;
const ASK_AGAIN_MOST_MS = 60_000;

/** A save that comes before it has ended waits for it. */
let registering: Promise<unknown> | null = null;

/** What the page is told of a version beside the one that is active, whichever of them it belongs to. */
export interface NewerHeard {
  /** It has been installed. */
  readonly newerWaits: () => void;
  /** No page of the older one is open any more: it takes over, at the latest when this page is loaded anew. */
  readonly olderClosed: () => void;
}

const NOBODY: NewerHeard = { newerWaits: () => undefined, olderClosed: () => undefined };

/** Called once after the first paint. A page without it works, it only saves and starts in a poorer way. */
export function registerServiceWorker(heard: NewerHeard = NOBODY): Promise<'registered' | 'not-here'> {
  const registered = register(heard);
  registering = registered;
  return registered;
}

async function register(heard: NewerHeard): Promise<'registered' | 'not-here'> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return 'not-here';
  try {
    const registration = await navigator.serviceWorker.register(ADDRESS, { updateViaCache: 'none' });
    letNewerTakeOver(registration, heard);
    return 'registered';
  } catch {
    return 'not-here'; // refused by the browser or not reachable; tried again on the next load
  }
}

/** [SA11] A newer version of the service worker is told which version this page is: `script` is its address. */
export function answerVersionQuestions(script: string): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    if ((data as Partial<VersionQuestion> | null)?.kind === 'which-script') ports[0]?.postMessage(script);
  });
  navigator.serviceWorker.startMessages();
}

/** [SA11] Now, whenever one was installed, and again while one waits: an older page may have been closed since. */
function letNewerTakeOver(registration: ServiceWorkerRegistration, heard: NewerHeard): void {
  const installed = (): void => {
    const { active, waiting } = registration;
    if (active === null || waiting === null) return;
    heard.newerWaits();
    void askWhileWaiting(registration, { waiting, heard });
  };
  const watch = (newer: ServiceWorker | null): void => {
    newer?.addEventListener('statechange', () => {
      if (newer.state === 'installed') installed();
    });
  };
  installed();
  // Of one that is being installed since an earlier page no `updatefound` is told here any more.
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration.installing));
}

/**
 * Ever less often; one that a still newer one has replaced waits no more. One that takes over goes on being asked until it
 * has: Chromium was seen to forget it until the next load.
 */
async function askWhileWaiting(
  registration: ServiceWorkerRegistration,
  { waiting, heard }: { waiting: ServiceWorker; heard: NewerHeard },
): Promise<void> {
  for (
    let wait = ASK_AGAIN_MS;
    registration.waiting === waiting;
    wait = Math.min(2 * wait, ASK_AGAIN_MOST_MS)
  ) {
    if (await takesOver(waiting)) heard.olderClosed();
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  if (registration.active === waiting) heard.olderClosed(); // another page may have asked
}

/** The newer version, where one waited and has taken over; null: everything is as it was. */
async function takenOver({ active, waiting }: ServiceWorkerRegistration): Promise<ServiceWorker | null> {
  if (active === null || waiting === null) return null;
  return (await takesOver(waiting)) ? activated(waiting, TAKE_OVER_PATIENCE_MS) : null;
}

async function takesOver(waiting: ServiceWorker): Promise<boolean> {
  return (await ask<TakeOver>(waiting, { kind: 'take-over' }))?.kind === 'taking-over';
}

/** Null where there is none and none is on its way. An older version is not the one where a newer may take over. */
export async function activeServiceWorker(): Promise<ServiceWorker | null> {
  if (registering !== null) await within(READY_PATIENCE_MS, registering);
  const registration = await ownRegistration();
  if (registration === null) return null;
  const newer = await takenOver(registration);
  if (newer !== null) return newer;
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  return worker === null ? null : activated(worker, READY_PATIENCE_MS);
}

/** The active one; nothing is waited for. */
export async function presentServiceWorker(): Promise<ServiceWorker | null> {
  return (await ownRegistration())?.active ?? null;
}

/** Where ours is not registered yet, the browser names one of a path above, which is another app's. */
async function ownRegistration(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator)) return null;
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
async function activated(worker: ServiceWorker, patienceMs: number): Promise<ServiceWorker | null> {
  if (worker.state === 'activated') return worker;
  const changed = new Promise<ServiceWorker | null>((resolve) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(worker);
      if (worker.state === 'redundant') resolve(null);
    });
  });
  return within(patienceMs, changed);
}

/** Null where it takes longer than that many milliseconds. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, milliseconds, null)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
