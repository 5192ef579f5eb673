// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryOf, pieceOf, piecesTo, TODAY } from '../state/activity.fixture.ts';
import { idOf } from '../state/transfer.fixture.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, fact, person, render, rowsOf, screen, within } from '../testing/shown.ts';
import type { LibraryEntry } from '../worker/contract.ts';
import Activity from './Activity.svelte';

const EVERY_MS = 5_000;
/** What draws is tested with the chart. */
vi.mock('../parts/plot.ts', () => ({ plot: () => ({ update: () => undefined, destroy: () => undefined }) }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: TODAY });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function shown(changes: Partial<FakeWorker> = {}) {
  const worker = Object.assign(new FakeWorker(), changes);
  const transfers = worker.transfers();
  await transfers.start();
  const { unmount } = render(Activity, { transfers });
  await came();
  return { worker, unmount };
}

async function came(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settle();
  flushSync();
}

/** The page's next look at what went on. */
async function looked(): Promise<void> {
  vi.advanceTimersByTime(EVERY_MS);
  await came();
}

/** As if the person had scrolled: `top` of each list's heading, in CSS pixels. */
function scrolled(tops: Readonly<Record<string, number>>): void {
  for (const [name, top] of Object.entries(tops)) {
    const heading = screen.getByRole('heading', { name });
    vi.spyOn(heading, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, top, 0, 0));
  }
}

describe('[UI22] activity', () => {
  it('[UI22] has the totals, the history and the log', async () => {
    await shown({
      totals: { down: 5_000_000, up: 2_000, days: [{ day: Date.UTC(2026, 10, 27), down: 1_000, up: 0 }] },
      history: [entryOf({ end: { kind: 'failed', why: 'source' } })],
      logged: [pieceOf({ isRight: false })],
    });
    expect([fact('Downloaded in all'), fact('Uploaded in all')]).toEqual(['5.00 MB', '2.00 kB']);
    const image = screen.getByRole('img', { name: 'Traffic of the last 30 days' });
    expect(document.getElementById(image.getAttribute('aria-describedby') ?? '')?.textContent).toMatch(
      /1.00.kB downloaded .* most of it on Nov 27/,
    );
    expect(rowsOf('History').join()).toMatch(
      /^film\.mkv download failed files could not be read Nov 27, 2026 .* 3\.00 MB 30 seconds 100 kB\/s$/,
    );
    expect(rowsOf('Transfer log').join()).toMatch(/^Nov 27, .* down ab12cd34 film\.mkv 0 damaged 262,144$/);
    expect(document.title).toBe('Activity – Shoal');
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('[UI22] says so where there is nothing, and what the log level has to do with it', async () => {
    const { worker } = await shown();
    expect(screen.queryByRole('table')).toBeNull();
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.getByText(/Nothing was downloaded or uploaded in the last 30 days/)).toBeTruthy();
    expect(screen.getByText(/Nothing has ended yet/)).toBeTruthy();
    expect(screen.getByText(/No piece has come or gone yet/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Clear history' })).toBeNull();
    worker.settings = { ...worker.settings, logLevel: 'off' };
    await looked();
    expect(screen.getByText(/The log level is “Nothing”/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Change the log level' }).getAttribute('href')).toBe(
      '#/settings',
    );
  });

  it('[UI20] [UI22] leads to a share that is still there, by a label of its own', async () => {
    const entry: LibraryEntry = {
      ...{ infoHash: idOf('a'), role: 'receiving', intent: 'sharing', name: 'film.mkv', totalBytes: 1 },
      ...{ fileCount: 1, addedAt: 1, finishedAt: 1, savedAt: 1 },
    };
    const other = entryOf({ id: 2, infoHash: idOf('b') });
    const { worker } = await shown({ entries: [entry], history: [other, entryOf()] });
    const table = screen.getByRole('table', { name: 'History' });
    expect(
      within(table)
        .getAllByRole('rowheader')
        .map(({ textContent }) => textContent?.trim()),
    ).toEqual(['film.mkv (2)', 'film.mkv']);
    expect(within(table).getByRole('link').getAttribute('href')).toMatch(/^#[\w-]{43}$/);
    await worker.session.remove(idOf('a'));
    await came();
    expect(within(table).queryByRole('link')).toBeNull();
  });

  it('[UI22] filters the history by names, results and reasons', async () => {
    const failed = { kind: 'failed', why: 'store' } as const;
    await shown({
      history: [entryOf(), entryOf({ id: 2, infoHash: idOf('b'), name: '<b>x</b>', end: failed })],
    });
    const box = screen.getByRole('searchbox', { name: 'Filter history' });
    await person.type(box, 'could not store');
    expect(rowsOf('History').join()).toMatch(/^<b>x<\/b> download failed/);
    expect(screen.getByRole('status').textContent?.trim()).toBe('1 entry of 2');
    await person.clear(box);
    await person.type(box, 'nowhere');
    expect(screen.queryByRole('table', { name: 'History' })).toBeNull();
    expect(screen.getByRole('status').textContent?.trim()).toBe('0 entries of 2');
  });

  it('[UI22] shows the beginning of a long history, and all of it when that is asked for', async () => {
    await shown({ history: Array.from({ length: 30 }, (_, index) => entryOf({ id: 30 - index })) });
    expect(rowsOf('History')).toHaveLength(25);
    await person.click(button('Show all 30 entries'));
    expect(rowsOf('History')).toHaveLength(30);
    expect(screen.queryByRole('button', { name: /^Show all/ })).toBeNull();
  });

  it('[UI22] clears the history once that is said twice', async () => {
    const { worker } = await shown({ history: [entryOf()], logged: [pieceOf()] });
    await person.click(button('Clear history'));
    expect(document.activeElement?.textContent).toBe('Keep it');
    await person.click(button('Keep it'));
    expect(document.activeElement?.textContent).toBe('Clear history');
    await person.click(button('Clear history'));
    expect(worker.asked).not.toContain('clearHistory');
    await person.click(button('Yes, clear it'));
    await came();
    expect(screen.queryByRole('table', { name: 'History' })).toBeNull();
    expect(rowsOf('Transfer log')).toHaveLength(1);
  });

  it('[UI22] looks again every five seconds while somebody looks at it, and not afterwards', async () => {
    const { worker, unmount } = await shown({ logged: piecesTo(1) });
    worker.logged = piecesTo(2);
    const visible = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    await looked();
    expect(rowsOf('Transfer log')).toHaveLength(1);
    visible.mockReturnValue('visible');
    document.dispatchEvent(new Event('visibilitychange'));
    await came();
    expect(rowsOf('Transfer log')).toHaveLength(2);
    worker.logged = piecesTo(3);
    await looked();
    expect(rowsOf('Transfer log')).toHaveLength(3);
    unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('[UI22] moves nothing that is being read', async () => {
    const { worker } = await shown({ history: [entryOf()], logged: piecesTo(1) });
    const grow = (): void => {
      worker.logged = piecesTo(worker.logged.length + 1);
      worker.history = [entryOf({ id: worker.history.length + 1 }), ...worker.history];
    };
    const rows = () => [rowsOf('History').length, rowsOf('Transfer log').length];
    scrolled({ History: -900, 'Transfer log': -10 });
    grow();
    await looked();
    expect(rows()).toEqual([1, 1]);
    scrolled({ 'Transfer log': 10 });
    await looked();
    expect(rows()).toEqual([1, 2]);
    scrolled({ History: 0 });
    await looked();
    expect(rows()).toEqual([2, 2]);
  });

  it('[UI22] has older rows of the log at a press', async () => {
    await shown({ logged: piecesTo(150) });
    expect(rowsOf('Transfer log')).toHaveLength(100);
    await person.click(button('Show more'));
    await came();
    expect(rowsOf('Transfer log')).toHaveLength(150);
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('[UI22] exports all of it as a file, and says where it cannot', async () => {
    const blobs: Blob[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      if (blob instanceof Blob) blobs.push(blob);
      return 'blob:here';
    });
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(
      this: HTMLAnchorElement,
    ) {
      names.push(this.download);
    });
    const { worker } = await shown({ history: [entryOf()], logged: piecesTo(1_500) });
    await person.click(button('Export CSV'));
    await came();
    await person.click(button('Export JSON'));
    await came();
    expect(names).toEqual(['shoal-activity-2026-11-27.csv', 'shoal-activity-2026-11-27.json']);
    const [csv, json] = await Promise.all(blobs.map((blob) => blob.text()));
    expect(csv?.split('\r\n').filter((line) => line.startsWith('transfer,'))).toHaveLength(1_500);
    expect(JSON.parse(json ?? '')).toMatchObject({ history: [{ name: 'film.mkv', result: 'finished' }] });
    worker.session.history = () => Promise.reject(new Error('broke'));
    vi.spyOn(console, 'error').mockReturnValue();
    await person.click(button('Export CSV'));
    await came();
    expect(screen.getByRole('alert').textContent).toMatch(/could not be read/);
    expect(names).toHaveLength(2);
  });
});
