/**
 * The composition root of the page: shows it first, then opens the worker and the way to other people, so that
 * the start stays small. What little they need of the page is here from the start: a server that goes away takes
 * none of it along. The only file that knows both the state and the network.
 */
import { mount } from 'svelte';
import App from './App.svelte';
import { openSession } from './net/session.ts';
import { prepareSaving, saveShare, wasHereBefore } from './save/saving.ts';
import './styles/tokens.css';
import './styles/base.css';
import { isServed } from './net/served-version.ts';
import { chunk, whenCodeIsMissing } from './state/chunks.ts';
import { Install, tabMemory } from './state/install.svelte.ts';
import { PageVersion } from './state/page-version.svelte.ts';
import { BrowserPlace } from './state/place.svelte.ts';
import { betterAddress, HOME } from './state/route.ts';
import { askToKeepStorage, obstacleIn, storageOpens } from './state/surroundings.ts';
import { pageMemory, PageTheme } from './state/theme.ts';
import { Transfers } from './state/transfers.svelte.ts';
import { tabSession } from './tabs/open-tab.ts';
import { basePathOf, nameOnOrigin } from './worker/base-path.ts';

const openedAt = location.href;
const place = new BrowserPlace(window);
const obstacle = obstacleIn(window);
const transfers = new Transfers({
  openSession: tabSession(openSession),
  save: saveShare,
  askToKeep: () => void askToKeepStorage(navigator),
  place,
});

/** [AP6] A development server's page has no version. */
const version = new PageVersion(async () => (import.meta.env.PROD ? isServed(import.meta.url) : null));
whenCodeIsMissing(() => void version.look());
const basePath = basePathOf(location);
const install = new Install(window, tabMemory(window), nameOnOrigin(basePath, '-not-installed'));

const theme = new PageTheme(document.documentElement, pageMemory(window), nameOnOrigin(basePath, '-theme'));

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no element #app');
const better = betterAddress(location);
if (better !== null) {
  location.replace(better);
} else {
  mount(App, {
    target,
    props: {
      transfers,
      place,
      obstacle,
      storageOpens: storageOpens(window.indexedDB, nameOnOrigin(basePath, '-probe')),
      version,
      install,
      theme,
      forgotten: () => {
        place.replace(HOME);
        location.reload();
      },
    },
  });
}

/**
 * After the first paint. A session that cannot be opened stands in `transfers.broken`, which the page shows; one that
 * has been opened has found the server, which the service worker is loaded from as well. Where there is one from an
 * earlier visit nothing is waited for: an older version of it may stand in the way of the session ([SA11]).
 */
function begin(): void {
  const prepare = (): void => {
    const heard = (...save: Parameters<typeof transfers.heardOfSave>): void => transfers.heardOfSave(...save);
    void prepareSaving(import.meta.url, heard, () => void version.look());
    void chunk(() => import('./as-app.svelte.ts'))
      .then(({ actAsApp }) => actAsApp({ transfers, place, version, openedAt, window }))
      .catch(() => undefined); // the page works without
  };
  const isBack = wasHereBefore();
  void transfers.start().then(isBack ? undefined : prepare, () => undefined);
  if (isBack) prepare();
}

if (obstacle === null && better === null) requestAnimationFrame(() => setTimeout(begin));
