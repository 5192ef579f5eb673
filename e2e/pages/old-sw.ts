/** In the browser: a service worker of an older version, which opens the database at version 1 and never gives way. */
const scope = self as unknown as EventTarget & {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};
type Event_ = Event & { waitUntil(work: Promise<unknown>): void };

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open('shoal', 1);
  request.addEventListener('upgradeneeded', () => {
    request.result.createObjectStore('shares');
    request.result.createObjectStore('pieces');
  });
  request.addEventListener('success', () => resolve(request.result));
  request.addEventListener('error', reject);
});

scope.addEventListener('install', (event) => (event as Event_).waitUntil(opened));
scope.addEventListener('activate', (event) => (event as Event_).waitUntil(scope.clients.claim()));

export {};
