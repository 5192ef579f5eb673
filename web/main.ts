/**
 * The composition root of the page: shows it first, then opens the worker and the way to other people, so that
 * the start stays small. What little they need of the page is here from the start: a server that goes away takes
 * none of it along. The only file that knows both the state and the network.
 */
import { mount } from 'svelte';
import App from './App.svelte';
import { openSession } from './net/session.ts';
import { comingSaves, prepareSaving, saveShare, wasHereBefore } from './save/saving.ts';
import './styles/tokens.css';
import './styles/base.css';
import { isServed } from './net/served-version.ts';
import { chunk, whenCodeIsMissing } from './state/chunks.ts';
import { firstUse } from './state/first-use.ts';
import { Install, tabMemory } from './state/install.svelte.ts';
import { PageVersion } from './state/page-version.svelte.ts';
import { BrowserPlace } from './state/place.svelte.ts';
import { betterAddress, HOME } from './state/route.ts';
import { askToKeepStorage, databaseIsThere, obstacleIn, storageOpens } from './state/surroundings.ts';
import { pageMemory, PageTheme } from './state/theme.ts';
import { Transfers } from './state/transfers.svelte.ts';
import { tabSession } from './tabs/open-tab.ts';
import { basePathOf, nameOnOrigin } from './worker/base-path.ts';

const openedAt = location.href;
const place = new BrowserPlace(window);
const obstacle = obstacleIn(window);
const transfers = new Transfers({
  openSession: tabSession(openSession),
  save: (...given) => {
    prepare();
    return saveShare(...given);
  },
  coming: comingSaves,
  askToKeep: () => void askToKeepStorage(navigator),
  urlSources: () =>
    chunk(() => import('./net/own-config.ts')).then(({ ownConfig }) => ownConfig.urlSources()),
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

/** Once. */
let isPrepared = false;
function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  const heard = (...save: Parameters<typeof transfers.heardOfSave>): void => transfers.heardOfSave(...save);
  void prepareSaving(import.meta.url, heard, {
    newerWaits: () => void version.look(),
    olderClosed: () => (version.olderClosed = true),
  });
}

/** False where its code did not come: the page works without. */
async function beApp(): Promise<boolean> {
  try {
    const { actAsApp } = await chunk(() => import('./as-app.svelte.ts'));
    actAsApp({ transfers, place, version, openedAt, window });
    return true;
  } catch {
    return false;
  }
}

/**
 * After the first paint. [UI10] Who comes to the first page and was never here needs no worker before they use it; whatever
 * asks for the session opens it sooner. A session that has been opened has found the server, which the service worker is
 * loaded from as well; that one waits for the first use, too, and leaves the network to what makes a link work. Where there
 * is one from an earlier visit nothing is waited for: an older version of it may stand in the way of the session ([SA11]).
 */
async function begin(used: Promise<void>): Promise<void> {
  const isBack = wasHereBefore();
  if (isBack) prepare();
  const hasShares = (): Promise<boolean> => databaseIsThere(window.indexedDB, nameOnOrigin(basePath));
  const isFresh =
    !isBack && place.route.page === 'home' && !(await Promise.race([hasShares(), used.then(() => true)]));
  const isApp = isBack || isFresh ? beApp() : Promise.resolve(false);
  if (isFresh) await used;
  await transfers.start();
  void isApp.then((is) => is || beApp());
  await used;
  prepare();
}

if (obstacle === null && better === null) {
  const used = firstUse(window);
  // A session that cannot be opened stands in `transfers.broken`, which the page shows.
  requestAnimationFrame(() => setTimeout(() => void begin(used).catch(() => undefined)));
}
