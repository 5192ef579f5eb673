/** The page as it is put together: what comes first, and what waits for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OpenOwnSession, SessionPage } from './state/session.ts';
import { transferOf } from './state/transfer.fixture.ts';
import type { Transfers } from './state/transfers.svelte.ts';

const page = vi.hoisted(() => ({
  said: [] as string[],
  mounted: [] as { target: unknown; props: Record<string, unknown> }[],
  opens: true,
  before: false,
  route: 'receive',
  told: null as SessionPage | null,
}));

vi.mock('svelte', async (original) => ({
  ...(await original<object>()),
  mount: (_: unknown, options: (typeof page.mounted)[number]) => {
    page.said.push('shown');
    page.mounted.push(options);
  },
}));
vi.mock('./App.svelte', () => ({ default: {} }));
vi.mock('./net/session.ts', () => ({
  openSession: async () => {
    page.said.push('session');
    if (!page.opens) throw new Error('the worker has another version');
    const usage = { bytes: 0, shares: [] };
    return { library: async () => [], usage: async () => usage, saving: async () => undefined };
  },
}));
// Here it is the only tab.
vi.mock('./tabs/open-tab.ts', () => ({
  tabSession: (open: OpenOwnSession) => async (told: SessionPage) => {
    page.told = told;
    const session = await open(told);
    told.began();
    return session;
  },
}));
vi.mock('./save/saving.ts', () => ({
  wasHereBefore: () => page.before,
  saveShare: async () => {
    page.said.push('saved');
    return { kind: 'started' };
  },
  comingSaves: { askedFor: () => undefined, taken: () => undefined, removed: () => undefined },
  prepareSaving: async () => void page.said.push('saving'),
}));
vi.mock('./as-app.svelte.ts', () => ({ actAsApp: () => page.said.push('as an app') }));
vi.mock('./state/place.svelte.ts', () => ({
  BrowserPlace: class {
    readonly route = { page: page.route };
  },
}));

const LOOKED_MS = 3_000;
let frames: (() => void)[];
/** What the page listens to. */
let heard: EventTarget;
let databases: { name: string }[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  [page.said, page.mounted, page.opens, page.before, frames] = [[], [], true, false, []];
  [page.route, heard, databases] = ['receive', new EventTarget(), []];
  const RTCPeerConnection = { prototype: { createDataChannel: vi.fn() } };
  standIn({ isSecureContext: true, String, crypto, Worker: vi.fn(), RTCPeerConnection });
  vi.stubGlobal('location', new URL('https://share.example/drop/'));
  vi.stubGlobal('requestAnimationFrame', (task: () => void) => frames.push(task));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

function standIn(features: object, root: object | null = {}): void {
  vi.stubGlobal('window', {
    addEventListener: heard.addEventListener.bind(heard),
    removeEventListener: heard.removeEventListener.bind(heard),
    ...{ setTimeout, clearTimeout, indexedDB: { databases: async () => databases } },
    ...features,
  });
  vi.stubGlobal('document', { getElementById: (id: string) => (id === 'app' ? root : null) });
}

/** The page is painted, and what waits for that happens. */
async function painted(): Promise<void> {
  for (const task of frames.splice(0)) task();
  await vi.advanceTimersByTimeAsync(0);
  await vi.dynamicImportSettled();
}

describe('[WK5] the page', () => {
  test('is shown first; the worker is opened after the first paint, and saving prepared a while after that', async () => {
    await import('./main.ts');
    await vi.advanceTimersByTimeAsync(LOOKED_MS - 1);
    expect(page.said).toEqual(['shown']);
    await painted();
    expect(page.said).toEqual(['shown', 'session', 'as an app']);
    await vi.advanceTimersByTimeAsync(1);
    expect(page.said).toEqual(['shown', 'session', 'as an app', 'saving']);
  });

  test('[SA6] prepares saving at the first press of who has just opened a link', async () => {
    await import('./main.ts');
    await painted();
    heard.dispatchEvent(new Event('pointerdown'));
    await vi.advanceTimersByTimeAsync(0);
    expect(page.said).toEqual(['shown', 'session', 'as an app', 'saving']);
  });

  test('[SA11] prepares saving beside the session where a service worker of an older version may be', async () => {
    [page.before, page.opens] = [true, false];
    await import('./main.ts');
    await painted();
    expect(page.said).toEqual(['shown', 'saving', 'session', 'as an app']);
  });

  test('[UI10] Home opens nothing at a first visit before somebody does something, but follows the keys', async () => {
    page.route = 'home';
    await import('./main.ts');
    await painted();
    expect(page.said).toEqual(['shown', 'as an app']);
    heard.dispatchEvent(new Event('dragenter'));
    await painted();
    expect(page.said).toEqual(['shown', 'as an app', 'session', 'saving']);
  });

  test('[UI10] Home opens the session for whatever asks for it, and prepares saving with a save', async () => {
    page.route = 'home';
    await import('./main.ts');
    await painted();
    const transfers = page.mounted[0]?.props['transfers'] as Transfers;
    await transfers.start();
    const { pieces, ...snapshot } = transferOf({});
    page.told?.snapshotsTaken([{ ...snapshot, pieces }]);
    expect(page.said).toEqual(['shown', 'as an app', 'session']);
    await transfers.save(snapshot.infoHash);
    expect(page.said).toEqual(['shown', 'as an app', 'session', 'saving', 'saved']);
  });

  test('[UI10] Home opens the session by itself after a while', async () => {
    page.route = 'home';
    await import('./main.ts');
    await painted();
    await vi.advanceTimersByTimeAsync(LOOKED_MS - 1);
    expect(page.said).toEqual(['shown', 'as an app']);
    await vi.advanceTimersByTimeAsync(1);
    expect(page.said).toEqual(['shown', 'as an app', 'session', 'saving']);
  });

  test('[UI10] Home opens the session at once where something may be stored', async () => {
    [page.route, databases] = ['home', [{ name: 'shoal/drop/' }]];
    await import('./main.ts');
    await painted();
    expect(page.said).toEqual(['shown', 'session', 'as an app']);
  });

  test('says what broke where the session cannot be opened, and prepares nothing', async () => {
    page.opens = false;
    await import('./main.ts');
    await painted();
    expect(page.said).toEqual(['shown', 'session']);
    expect(page.mounted[0]?.props['transfers']).toMatchObject({ broken: 'the worker has another version' });
  });

  test('[UI6] opens nothing where something needed is missing, and shows what', async () => {
    standIn({ isSecureContext: false });
    await import('./main.ts');
    await painted();
    expect(page.said).toEqual(['shown']);
    expect(page.mounted[0]?.props['obstacle']).toEqual({ kind: 'insecure' });
  });

  test('[LK6] goes to its better address, and opens nothing at this one', async () => {
    const replaced: string[] = [];
    const fragment = `#${'Ab1'.repeat(14)}A`;
    const address = new URL(`https://share.example/drop//${fragment}`);
    vi.stubGlobal('location', Object.assign(address, { replace: (to: string) => replaced.push(to) }));
    await import('./main.ts');
    await painted();
    expect([replaced, page.said]).toEqual([[`/drop/${fragment}`], []]);
  });

  test('is nothing without the element that it is shown in', async () => {
    standIn({ isSecureContext: false }, null);
    await expect(import('./main.ts')).rejects.toThrow('#app');
    expect(page.said).toEqual([]);
  });
});
