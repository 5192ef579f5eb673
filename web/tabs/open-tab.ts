/**
 * Joins this tab to the others of its browser ([TB1]) with what the browser has for that: Web Locks, a channel, and
 * whether the page is seen. Where it has no such thing, every tab is a peer of its own.
 */
import { basePathOf, nameOnOrigin } from '../worker/base-path.ts';
import type { OpenOwnSession, OpenSession, SessionPage } from '../state/session.ts';
import { OwnerLock } from './owner-lock.ts';
import { PING_EVERY_MS, Tab } from './tab.ts';

/** Settles when there is a worker, in this tab or in another one; a break is told to the page. */
export function tabSession(openOwn: OpenOwnSession): OpenSession {
  return (page) =>
    new Promise((resolve) => {
      const tab = joinedTab(openOwn, {
        ...page,
        began: () => {
          page.began();
          resolve(tab.session);
        },
      });
    });
}

function joinedTab(openOwn: OpenOwnSession, page: SessionPage): Tab {
  if (!('locks' in navigator) || !('BroadcastChannel' in globalThis)) {
    const tab = new Tab(page, openOwn, { say: () => undefined }, null);
    queueMicrotask(() => tab.gained());
    return tab;
  }
  const basePath = basePathOf(location);
  const channel = new BroadcastChannel(nameOnOrigin(basePath, '-sessions'));
  const lock = new OwnerLock(navigator.locks, basePath, {
    gained: () => tab.gained(),
    lost: () => tab.lost(),
  });
  const tab = new Tab(page, openOwn, { say: (message) => channel.postMessage(message) }, lock);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => tab.heard(data);
  tab.greet();
  lock.wait();
  watchWhileSeen(tab);
  return tab;
}

function watchWhileSeen(tab: Tab): void {
  let timer: number | undefined;
  const look = (): void => {
    clearInterval(timer);
    tab.unwatched();
    if (document.visibilityState === 'visible') timer = window.setInterval(() => tab.watch(), PING_EVERY_MS);
  };
  document.addEventListener('visibilitychange', look);
  look();
}
