// @vitest-environment happy-dom
/** The page as an app of its system, against a window that the test lives. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { actAsApp } from './as-app.svelte.ts';
import type { LaunchParams } from './state/launches.ts';
import { PageVersion } from './state/page-version.svelte.ts';
import type { BrowserPlace } from './state/place.svelte.ts';
import { receiveRoute } from './state/route.ts';
import { idOf } from './state/transfer.fixture.ts';
import { FakeWorker, settle } from './testing/fake-worker.ts';
import { keepHanded, takeHanded } from './worker/handed/handed-store.ts';

const PAGE = 'https://share.example/drop/';

class FakeWindow extends EventTarget {
  readonly location = new URL(PAGE);
  readonly document = Object.assign(new EventTarget(), {
    visibilityState: 'visible' as DocumentVisibilityState,
  });
  readonly badges: (number | 'cleared')[] = [];
  readonly navigator = {
    setAppBadge: async (count: number) => void this.badges.push(count),
    clearAppBadge: async () => void this.badges.push('cleared'),
    serviceWorker: {
      getRegistration: async () => ({
        active: {},
        showNotification: async (title: string) => void this.told.push(title),
      }),
    },
  };
  readonly told: string[] = [];
  readonly Notification = {
    permission: 'granted' as const,
    requestPermission: async () => 'granted' as const,
  };
  launch: (params: LaunchParams) => void = () => undefined;
  readonly launchQueue = { setConsumer: (consumer: FakeWindow['launch']) => void (this.launch = consumer) };
}

let worker: FakeWorker;
let window: FakeWindow;
let looks: number;
let went: string[];
let end: () => void;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.stubGlobal('indexedDB', new IDBFactory());
  [worker, window, looks, went] = [new FakeWorker(), new FakeWindow(), 0, []];
  const transfers = worker.transfers();
  const version = new PageVersion(async () => (looks++, true));
  const place = { go: (fragment: string) => went.push(fragment) } as unknown as BrowserPlace;
  end = actAsApp({ transfers, place, version, openedAt: PAGE, window: window as never });
  await transfers.start();
  flushSync();
});
afterEach(() => {
  end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function tell(change: Parameters<FakeWorker['push']>[0]): void {
  worker.push(change ?? {});
  flushSync();
}

describe('[AP8] what has arrived', () => {
  function comes(): void {
    tell({ infoHash: idOf('a'), role: 'receiving', phase: 'downloading' });
    tell({ infoHash: idOf('a'), role: 'receiving', phase: 'complete' });
  }

  function isSeen(visibilityState: DocumentVisibilityState): Promise<void> {
    window.document.visibilityState = visibilityState;
    window.document.dispatchEvent(new Event('visibilitychange'));
    return settle();
  }

  test.each([
    ['is told where that is wanted and nobody looks', true, 'hidden', 1],
    ['is not told to somebody who looks', true, 'visible', 0],
    ['is not told where that is not wanted', false, 'hidden', 0],
  ] as const)('%s', async (_, notify, seen, times) => {
    worker.settings = { ...worker.settings, notify };
    await isSeen('hidden');
    await isSeen(seen);
    comes();
    await settle();
    expect(window.told).toHaveLength(times);
  });
});

describe('[AP7] the number on the icon', () => {
  test('is that of the transfers that run, and goes with the page', () => {
    tell({ phase: 'downloading' });
    tell({ phase: 'downloading', receivedBytes: 5 });
    expect(window.badges).toEqual([1]);
    window.dispatchEvent(new Event('pagehide'));
    expect(window.badges).toEqual([1, 'cleared']);
  });

  test('[TB1] is told by the tab that owns the peer alone', () => {
    worker.page?.tabsKnown({ owner: false, alone: false });
    tell({ phase: 'downloading' });
    window.dispatchEvent(new Event('pagehide'));
    expect(window.badges).toEqual([]);
    worker.page?.tabsKnown({ owner: true, alone: true });
    flushSync();
    expect(window.badges).toEqual([1]);
  });
});

describe('[AP6] the server is asked for its version', () => {
  test('when it has answered for one share more, or again after having been away', async () => {
    const looksAfter = async (change: Parameters<typeof tell>[0]): Promise<number> => {
      tell(change);
      await settle();
      return looks;
    };
    expect(await looksAfter({ online: null })).toBe(0);
    expect(await looksAfter({})).toBe(1);
    expect(await looksAfter({ receivedBytes: 5 })).toBe(1);
    expect(await looksAfter({ trackerOnline: false })).toBe(1);
    expect(await looksAfter({})).toBe(2);
    expect(await looksAfter({ infoHash: idOf('b') })).toBe(3);
  });

  test('when everything broke', () => {
    worker.page?.workerBroke('out of order');
    flushSync();
    expect(looks).toBe(1);
  });

  test('when the page is looked at again, at most every ten minutes', async () => {
    const seen = async (minutes: number, visibilityState: DocumentVisibilityState = 'visible') => {
      vi.advanceTimersByTime(minutes * 60_000);
      Object.assign(window.document, { visibilityState });
      window.document.dispatchEvent(new Event('visibilitychange'));
      await settle();
      return looks;
    };
    expect([await seen(9), await seen(2), await seen(9), await seen(5, 'hidden'), await seen(0)]).toEqual([
      ...[0, 1, 1, 1, 2],
    ]);
  });
});

describe('[AP4] what the system starts it with', () => {
  test('[UI26] is gone to, and the share of a resource file opened', async () => {
    window.launch({ targetURL: PAGE });
    window.launch({ targetURL: `${PAGE}#/settings` });
    worker.resourceOutcome = { kind: 'opened', infoHash: idOf('a') };
    const getFile = async () => new File(['{}'], 'a b.torrentinno');
    window.launch({ files: [{ kind: 'file', getFile } as unknown as FileSystemHandle] });
    await vi.waitFor(() => expect(worker.went).toHaveLength(1));
    expect(went).toEqual(['#/settings']);
    expect(worker.went).toEqual([receiveRoute(idOf('a'))]);
    expect(worker.resources).toEqual([new TextEncoder().encode('{}')]);
  });
});

test('[AP3] forgets what was handed over and no page came for', async () => {
  const database = 'shoal/drop/-handed';
  await keepHanded(database, { kind: 'no-room' }, 1);
  end();
  const transfers = worker.transfers();
  const version = new PageVersion(async () => true);
  end = actAsApp({ transfers, place: {} as BrowserPlace, version, openedAt: PAGE, window: window as never });
  await vi.waitFor(async () => expect(await takeHanded(database, 1)).toEqual([]));
});
