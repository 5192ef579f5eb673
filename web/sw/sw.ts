/**
 * The service worker: starts the app without a network ([SA7]), turns what is in storage into downloads ([SA2]) and takes
 * what other apps hand over ([AP3]).
 *
 * A newer version waits until no page of the older one is open, so a running page never loses the files it may
 * still load; the page itself comes from the network where there is one, so a reload gets the newest, which asks the
 * newer version to take over ([SA11]). The very first one takes over the pages that are open, so that their first
 * download is saved through it.
 */
import { matchPrecache, precache } from 'workbox-precaching';
import { basePathOf, nameOnOrigin } from '../worker/base-path.ts';
import { openIndexedDbStore } from '../worker/store/indexeddb-store.ts';
import type { StoreOpening } from '../worker/store/indexeddb-store.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { Library } from '../../shared/peer/library.ts';
import { parseSaveAddress, SAVES_CHANNEL } from '../worker/saving/save-messages.ts';
import type { SaveQuestion, SaveReadiness, SaveTarget, TakeOver } from '../worker/saving/save-messages.ts';
import { SHARE_TARGET } from '../worker/handed/addresses.ts';
import { HANDED_DATABASE } from '../worker/handed/handed-store.ts';
import { savedWhole, wantedFile } from '../worker/saving/save-plan.ts';
import { wantedOf } from '../worker/saving/wanted-of.ts';
import { areAllOfThisVersion, isAnyPageOpen, lookAtPage } from './pages.ts';
import { ComingSaves } from './coming-saves.ts';
import { readiness, readinessToCome, saveResponse } from './save-response.ts';
import { Saves } from './saves.ts';
import { takeOverForm } from './share-target.ts';

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: readonly (string | { url: string; revision: string | null })[];
};

type Opened = StoreOpening & { kind: 'opened' };

/** A page that does not come within this many milliseconds is taken from the cache. */
const PAGE_PATIENCE_MS = 4_000;
/** The scope is where the page stands: the root of the origin, or a path of it. */
const BASE_PATH = basePathOf(new URL(self.registration.scope));
const START_PAGE = BASE_PATH;
/** What the build calls the start page; the server has it under its folder alone. */
const START_FILE = 'index.html';

const entries = self.__WB_MANIFEST.map((entry) =>
  typeof entry !== 'string' && entry.url === START_FILE ? { ...entry, url: START_PAGE } : entry,
);
const cachedPaths = new Set(
  entries.map((entry) => new URL(typeof entry === 'string' ? entry : entry.url, self.location.href).pathname),
);
const channel = new BroadcastChannel(nameOnOrigin(BASE_PATH, SAVES_CHANNEL));
const saves = new Saves((save) => channel.postMessage(save));
/** [SA16] Null where the browser has no locks: nothing is saved before all of it is there. */
const coming = 'locks' in navigator ? new ComingSaves(navigator.locks, BASE_PATH, isAllStored) : null;
let opening: Promise<StoreOpening> | null = null;

// Its cache is named by the scope. Old ones are not looked for: the search would find those of the paths below, too.
precache(entries);

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  const [port] = event.ports;
  const question = event.data as Partial<SaveQuestion> | null;
  if (port === undefined || typeof question !== 'object' || question === null) return;
  event.waitUntil(answer(question, port));
});

// [AP8] Shown by a page that may be gone by now.
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(lookAtPage());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === 'POST' && url.pathname === BASE_PATH + SHARE_TARGET) {
    const database = nameOnOrigin(BASE_PATH, HANDED_DATABASE);
    event.respondWith(takeOverForm(request, self.registration.scope, database));
    return;
  }
  if (request.method !== 'GET') return;
  const save = parseSaveAddress(BASE_PATH, url);
  if (save !== undefined) {
    // [SA9] Whoever else leads a visitor here is told the same at once, whether there is anything or not.
    const ours = save !== null && saves.isAwaited(save.id);
    event.respondWith(ours ? respondToSave(event, save.target, save.id) : nothingHere());
  } else if (request.mode === 'navigate' && url.pathname === START_PAGE) {
    event.respondWith(startPage(request));
  } else if (cachedPaths.has(url.pathname)) {
    event.respondWith(matchPrecache(request).then((cached) => cached ?? fetch(request)));
  }
});

async function answer(question: Partial<SaveQuestion>, port: MessagePort): Promise<void> {
  if (question.kind === 'prepare-save' && question.target !== undefined) {
    port.postMessage(await prepared(question.target, question.asItComes === true));
  } else if (question.kind === 'watch-save' && question.id !== undefined) {
    if (question.asItComes !== undefined) coming?.begin(question.id, question.asItComes);
    saves.watch(question.id, port);
  } else if (question.kind === 'save-pulse' && question.id !== undefined) {
    if (question.stored !== undefined) coming?.frontOf(question.id)?.stored(question.stored);
    port.postMessage(saves.pulse(question.id));
  } else if (question.kind === 'known-saves') {
    port.postMessage(saves.known());
  } else if (question.kind === 'take-over') {
    port.postMessage(await takeOver());
  }
}

async function prepared(target: SaveTarget, asItComes: boolean): Promise<SaveReadiness> {
  const opened = await openedStore();
  if (opened === null || (asItComes && coming === null)) return { kind: 'absent' };
  return asItComes ? readinessToCome(opened, target) : readiness(opened, target);
}

async function isAllStored(target: SaveTarget): Promise<boolean> {
  return (await prepared(target, false)).kind === 'ready';
}

/** The browser lets the older version end what it does, a save above all, before this one takes its place. */
async function takeOver(): Promise<TakeOver> {
  if (!(await areAllOfThisVersion(cachedPaths))) return { kind: 'older-pages' };
  void self.skipWaiting();
  return { kind: 'taking-over' };
}

async function respondToSave(event: FetchEvent, target: SaveTarget, id: string): Promise<Response> {
  const opened = await openedStore();
  if (opened === null) return nothingHere();
  const wanted = await wantedOf(opened, target.infoHash);
  const isPart = wanted !== null && target.file !== savedWhole(wanted.manifest, wantedFile(wanted.files));
  const front = coming?.frontOf(id) ?? null;
  const { watcher, until } = saves.begin(id, target.infoHash, { isPart, front });
  event.waitUntil(
    until.then((end) => {
      if (!saves.isUnderWay(id)) coming?.over(id);
      return end.kind === 'saved' && !isPart ? noteWhereNoPageDoes(target.infoHash, opened) : undefined;
    }),
  );
  const response = await saveResponse(opened, target, watcher, front ?? undefined);
  if (response === null) watcher.failed('gone');
  return response ?? nothingHere();
}

/** [SA10] A page that is open notes it itself. */
async function noteWhereNoPageDoes(infoHash: InfoHash, { library }: Opened): Promise<void> {
  if (!(await isAnyPageOpen())) await new Library(library).note(infoHash, { savedAt: Date.now() });
}

function nothingHere(): Response {
  return new Response('This file is not in this browser’s storage.\n', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** The newest page from the network; the cached one where there is no network, or one that does not answer. */
async function startPage(request: Request): Promise<Response> {
  const cached = await matchPrecache(START_PAGE);
  if (cached === undefined) return fetch(request);
  const patience = new Promise<Response>((resolve) => setTimeout(() => resolve(cached), PAGE_PATIENCE_MS));
  const fresh = fetch(request).then(
    (response) => (response.ok ? response : cached),
    () => cached,
  );
  return Promise.race([fresh, patience]);
}

/** Opened once; again where it could not be opened the first time. */
async function openedStore(): Promise<Opened | null> {
  opening ??= openIndexedDbStore(nameOnOrigin(BASE_PATH));
  const opened = await opening;
  if (opened.kind === 'opened') return opened;
  opening = null;
  return null;
}
