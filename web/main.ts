/**
 * The composition root of the page: shows it first, then opens the worker and the way to other people, so that
 * the start stays small. The only file that knows both the state and the network.
 */
import { mount } from 'svelte';
import App from './App.svelte';
import './styles/tokens.css';
import './styles/base.css';
import { BrowserPlace } from './state/place.svelte.ts';
import { obstacleIn, storageOpens } from './state/surroundings.ts';
import { Transfers } from './state/transfers.svelte.ts';

const place = new BrowserPlace(window);
const obstacle = obstacleIn(window);
const transfers = new Transfers({
  openSession: async (page) => (await import('./net/session.ts')).openSession(page),
  save: async (snapshot, session, ended) =>
    (await import('./save/save-share.ts')).saveShare(snapshot, session, ended),
  place,
});

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element #app');
mount(App, {
  target,
  props: { transfers, place, obstacle, storageOpens: storageOpens(window.indexedDB) },
});

/** After the first paint. A session that cannot be opened stands in `transfers.broken`, which the page shows. */
function begin(): void {
  transfers.start().catch(() => undefined);
  void import('./save/service-worker.ts').then(({ registerServiceWorker }) => registerServiceWorker());
}

if (obstacle === null) requestAnimationFrame(() => setTimeout(begin));
