/**
 * What the page does as an app of its system, beyond showing itself: follows what the app is started with ([AP4]), counts on
 * its icon ([AP7]), looks after new versions ([AP6]) and forgets what was handed over in vain ([AP3]). Loaded behind the
 * session, and nothing waits for it.
 */
import { Badge } from './state/badge.ts';
import type { BadgePlatform } from './state/badge.ts';
import { LookedAt } from './state/looked-at.ts';
import { followLaunches } from './state/launches.ts';
import type { LaunchQueue } from './state/launches.ts';
import { runningCount } from './state/leaving.ts';
import type { PageVersion } from './state/page-version.svelte.ts';
import type { BrowserPlace } from './state/place.svelte.ts';
import { notificationsOf } from './state/notifications.ts';
import { shortcutChoiceOf } from './state/shortcuts.ts';
import type { Transfers } from './state/transfers.svelte.ts';
import { followShortcuts } from './shortcuts.svelte.ts';
import { basePathOf, nameOnOrigin } from './worker/base-path.ts';
import { forgetOldHanded, HANDED_DATABASE } from './worker/handed/handed-store.ts';

interface Page {
  readonly transfers: Transfers;
  readonly place: BrowserPlace;
  readonly version: PageVersion;
  /** The address that it was loaded with. */
  readonly openedAt: string;
  readonly window: Window & { readonly launchQueue?: LaunchQueue };
}

/** Between two looks of a page that is looked at again and again. */
const LOOK_EVERY_MS = 10 * 60_000;

/** Answers what ends it. */
export function actAsApp(page: Page): () => void {
  const { transfers, place, version, openedAt, window } = page;
  const go = (fragment: string): void => place.go(fragment);
  const openResource = (file: File): void => void transfers.resources.open(file, 'system');
  if (window.launchQueue !== undefined) followLaunches(window.launchQueue, openedAt, { openResource, go });
  void forgetOldHanded(nameOnOrigin(basePathOf(window.location), HANDED_DATABASE), Date.now());
  const unfollowKeys = followShortcuts({ window, choice: shortcutChoiceOf(window), go });
  const unnotify = notifyOfDownloads(transfers, window);
  const unfollow = followTransfers(transfers, version, new Badge(window.navigator as BadgePlatform), window);
  const unwatch = lookWhenSeen(version, window.document);
  return () => {
    unfollowKeys();
    unnotify();
    unfollow();
    unwatch();
  };
}

function followTransfers(
  transfers: Transfers,
  version: PageVersion,
  badge: Badge,
  window: Pick<Window, 'addEventListener' | 'removeEventListener'>,
): () => void {
  // Nobody takes the number away behind a page that is closed.
  const gone = (): void => {
    if (transfers.tabs.owner) badge.show(0);
  };
  window.addEventListener('pagehide', gone);
  const end = $effect.root(() => {
    $effect(() => badge.show(transfers.tabs.owner ? runningCount(transfers.all) : null));
    // A server that answers for one share more may be another one than before, and what broke may have broken on that.
    let answered = 0;
    $effect(() => {
      const now = transfers.all.filter(
        ({ online, trackerOnline }) => online !== null && trackerOnline,
      ).length;
      if (now > answered) void version.look();
      answered = now;
    });
    $effect(() => {
      if (transfers.broken !== null) void version.look();
    });
  });
  return () => {
    end();
    window.removeEventListener('pagehide', gone);
  };
}

/** [AP8] The peer's own tab tells. The setting is read when there is something to tell: any tab may have changed it. */
function notifyOfDownloads(transfers: Transfers, window: Page['window']): () => void {
  const { navigator, document } = window;
  const lookedAt = new LookedAt(
    navigator.locks,
    document,
    nameOnOrigin(basePathOf(window.location), '-looked-at'),
  );
  // The person may look at another tab than the one that has the peer.
  const isWanted = async (): Promise<boolean> =>
    !(await lookedAt.isAny()) && (await transfers.ask((session) => session.settings()))?.notify === true;
  const notifications = notificationsOf(window, isWanted);
  const end = $effect.root(() => {
    $effect(() => notifications.follow(transfers.all, transfers.tabs.owner));
  });
  return () => {
    end();
    lookedAt.end();
  };
}

/** A tab may be left for days. */
function lookWhenSeen(version: PageVersion, document: Document): () => void {
  let lookedAt = performance.now();
  const seen = (): void => {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || now - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = now;
    void version.look();
  };
  document.addEventListener('visibilitychange', seen);
  return () => document.removeEventListener('visibilitychange', seen);
}
