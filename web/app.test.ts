// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { linkFragment } from '../shared/manifest/link.ts';
import App from './App.svelte';
import { Install } from './state/install.svelte.ts';
import { PageVersion } from './state/page-version.svelte.ts';
import { BrowserPlace } from './state/place.svelte.ts';
import { openRoute, shareRoute } from './state/route.ts';
import type { Obstacle } from './state/surroundings.ts';
import { idOf, manifestOf, peersOf } from './state/transfer.fixture.ts';
import { chosen, FakeWorker, settle } from './testing/fake-worker.ts';
import { button, loaded, person, render, screen, sentence, tell } from './testing/shown.ts';

const id = idOf('a');
const other = idOf('b');
const received = `#${linkFragment(id)}`;
const photos = manifestOf([1_000]);
const sharing = { role: 'sharing', phase: 'complete', manifest: photos } as const;
const scrolled = vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
/** This DOM takes a step forward where a browser replaces one. */
const replaced = vi.spyOn(location, 'replace');

interface Around {
  readonly obstacle?: Obstacle | null;
  readonly storage?: boolean;
}

/** The whole page, opened at an address. */
async function openedAt(hash: string, { obstacle = null, storage = true }: Around = {}) {
  history.replaceState(null, '', `/${hash}`);
  await told();
  replaced.mockClear();
  scrolled.mockClear();
  const worker = new FakeWorker();
  const place = new BrowserPlace(window);
  const transfers = worker.transfers(worker.open, place);
  const version = new PageVersion(async () => false);
  const install = new Install(window, null, '');
  const storageOpens = Promise.resolve(storage);
  const view = render(App, { transfers, place, obstacle, storageOpens, version, install });
  await transfers.start();
  await settle();
  flushSync();
  return { worker, transfers, place, view, version };
}

/** The person goes to another address of the page. */
async function goTo(hash: string): Promise<void> {
  location.hash = hash;
  await told();
  flushSync();
}

/** Behind the `hashchange` of what was changed before: this DOM tells it later, as a browser does. */
const told = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

const heading = (): string => screen.getByRole('heading', { level: 1 }).textContent ?? '';
const alerts = (): string[] =>
  screen.queryAllByRole('alert').map(({ textContent }) => (textContent ?? '').trim());
const FIRST = 'Drop a file. Send the link.';

describe('which page is shown', () => {
  it.each([
    ['', FIRST],
    ['#/', FIRST],
    [received, 'Something is shared with you'],
    [shareRoute(id), 'A share of this browser'],
    ['#cut', 'This link is incomplete'],
    ['#/settings', 'Settings'],
    ['#/received', 'Shared with Shoal'],
    ['#/open/magnet%3A%3Fxt%3D1', 'This cannot be opened'],
    // After a reload nothing is being read any more.
    ['#/share/new', FIRST],
  ])('[UI1] at %j', async (hash, title) => {
    await openedAt(hash);
    await loaded();
    expect(heading()).toBe(title);
    expect(screen.getByRole('link', { name: 'shoal' }).getAttribute('href')).toBe('#/');
  });

  it.each([
    [`${received}.`, received],
    [`#%23${received.slice(1)}?a=b`, received],
    [`#share/${received.slice(1)},`, shareRoute(id)],
  ])('[LK4] at %j, and the address becomes that of the share', async (hash, address) => {
    await openedAt(hash);
    expect(location.hash).toBe(address);
  });

  it('[UI1] leaves no step back to a reading that is over', async () => {
    await openedAt('#/share/new');
    expect(location.hash).toBe('#/');
    expect(replaced).toHaveBeenCalledExactlyOnceWith('#/');
  });

  it('[UI1] follows the address, and transfers go on meanwhile', async () => {
    const { worker } = await openedAt(received);
    tell(worker, { phase: 'downloading', manifest: photos, receivedBytes: 500 });
    await goTo('#/');
    expect(heading()).toBe(FIRST);
    tell(worker, { phase: 'downloading', manifest: photos, receivedBytes: 600 });
    await goTo(received);
    expect(heading()).toBe('Photos');
    expect(screen.getByText('60 %')).toBeTruthy();
    expect(worker.asked).toEqual(['opened', 'join']);
  });

  it('[UI1] one’s own link shows the share, and the address becomes its page’s without a step back', async () => {
    const { worker } = await openedAt('#/');
    tell(worker, sharing);
    await goTo(received);
    expect(screen.getByRole('textbox', { name: 'Share link' })).toBeTruthy();
    expect(location.hash).toBe(shareRoute(id));
    expect(replaced).toHaveBeenCalledExactlyOnceWith(shareRoute(id));
    expect(worker.asked).toEqual(['opened']);
  });

  it('[UI1] a share that was received shows how it came in, under either address', async () => {
    const { worker } = await openedAt('#/');
    tell(worker, { phase: 'ready', manifest: photos });
    for (const address of [shareRoute(id), received]) {
      await goTo(address);
      expect(button('Download')).toBeTruthy();
      expect(location.hash).toBe(address);
    }
  });

  it('[UI3] goes from the choice to the reading to the link, and leaves no step back to the reading', async () => {
    const { worker } = await openedAt('#/');
    await person.upload(screen.getByLabelText('Choose files'), new File(['12345'], 'a.txt'));
    await settle();
    flushSync();
    expect([heading(), location.hash]).toEqual(['a.txt', '#/share/new']);
    expect(replaced).not.toHaveBeenCalled();
    worker.answer({ kind: 'shared', infoHash: id });
    await settle();
    tell(worker, sharing);
    expect([heading(), location.hash]).toEqual(['Photos', shareRoute(id)]);
    expect(replaced).toHaveBeenCalledExactlyOnceWith(shareRoute(id));
  });

  it('[UI3] leaves whoever went on to another page there, and does not bring them back to the reading', async () => {
    const { worker, transfers } = await openedAt('#/');
    void transfers.share(chosen('a.txt'));
    await settle();
    await goTo(received);
    worker.answer({ kind: 'shared', infoHash: other });
    await settle();
    flushSync();
    expect([heading(), location.hash]).toEqual(['Something is shared with you', received]);
    await goTo('#/share/new');
    expect([heading(), location.hash]).toEqual([FIRST, '#/']);
  });

  it('[UI3] comes back to the choice from a failure', async () => {
    const { worker, transfers } = await openedAt('#/');
    void transfers.share(chosen('a.txt'));
    await settle();
    worker.answer({ kind: 'unreadable', file: 'a.txt' });
    await settle();
    flushSync();
    await person.click(button('Choose again'));
    expect([heading(), location.hash]).toEqual([FIRST, '#/']);
  });
});

describe('what holds for the whole page', () => {
  it('[WK1] a share that broke is named on every page but its own', async () => {
    const { worker } = await openedAt('#/');
    tell(
      worker,
      { manifest: photos, phase: 'failed', trouble: { kind: 'broken' } },
      { infoHash: other, phase: 'ready' },
    );
    expect(alerts()).toEqual([expect.stringMatching(/“Photos” was stopped.*Everything else continues/)]);
    await goTo(`#${linkFragment(other)}`);
    expect(alerts()).toHaveLength(1);
    await goTo('#cut');
    expect(alerts()).toHaveLength(1);
    await goTo(received);
    expect(alerts()).toEqual([]);
    expect(sentence()).toMatch(/this share was stopped/);
  });

  it.each([
    ['#/', FIRST],
    ['#cut', 'This link is incomplete'],
  ])(
    '[WK1] a worker that broke is said at %s, and single shares are not named any more',
    async (hash, title) => {
      const { worker } = await openedAt(hash);
      tell(worker, { manifest: photos, phase: 'failed', trouble: { kind: 'broken' } });
      worker.page?.workerBroke('out of order');
      flushSync();
      expect(heading()).toBe(title);
      expect(alerts()).toEqual([expect.stringMatching(/everything was stopped.*reload/)]);
    },
  );

  it('[WK1] [UI4] a worker that broke is said once where the page has a sentence for it', async () => {
    const { worker } = await openedAt(received);
    worker.page?.workerBroke('out of order');
    flushSync();
    expect(sentence()).toMatch(/everything was stopped/);
    expect(alerts()).toEqual([]);
  });

  it('[WK1] choosing files after the worker broke leads back to where that is said', async () => {
    const { worker, transfers } = await openedAt('#/');
    worker.page?.workerBroke('out of order');
    void transfers.share(chosen('a.txt'));
    await settle();
    flushSync();
    expect([heading(), location.hash, alerts().length]).toEqual([FIRST, '#/', 1]);
  });

  it.each([
    ['#/', 1],
    [received, 1],
    [shareRoute(id), 0],
  ])('[UI6] storage that does not open is a warning at %s: %i', async (hash, notes) => {
    await openedAt(hash, { storage: false });
    expect(screen.queryAllByText(/kept in memory only/)).toHaveLength(notes);
    // It interrupts nobody.
    expect(screen.queryAllByRole('note')).toHaveLength(notes);
    expect(alerts()).toEqual([]);
  });

  it.each<[Obstacle, RegExp, string[]]>([
    [{ kind: 'insecure' }, /https/, []],
    [{ kind: 'lacking', needs: ['crypto'] }, /lacks what is listed below/, ['Web Cryptography']],
    [
      { kind: 'lacking', needs: ['language', 'worker', 'channels'] },
      /current version/,
      ['The JavaScript', 'Web Workers', 'WebRTC data channels'],
    ],
  ])('[UI6] what is missing stands instead of a page that cannot work: %o', async (obstacle, says, lacks) => {
    await openedAt(received, { obstacle, storage: false });
    await loaded();
    expect(heading()).toBe('Not possible here');
    expect(alerts()).toEqual([expect.stringMatching(says)]);
    const listed = screen.queryAllByRole('listitem').map(({ textContent }) => textContent ?? '');
    expect(listed).toEqual(lacks.map((lack) => expect.stringMatching(`^${lack}`)));
    expect([screen.queryByRole('button'), screen.queryByRole('note'), screen.queryByRole('status')]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('[UI5] leaving asks while something moves, and listens to nothing otherwise', async () => {
    const asks = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
    const { worker } = await openedAt(received);
    expect(asks()).toBe(false);
    tell(worker, { phase: 'downloading', manifest: photos });
    expect(asks()).toBe(true);
    tell(worker, { phase: 'complete', manifest: photos, peers: peersOf(1) });
    expect(asks()).toBe(false);
  });
});

describe('the focus from page to page', () => {
  const main = (): HTMLElement => screen.getByRole('main');

  it('[UI11] is let be when the page is opened', async () => {
    await openedAt('#/');
    expect(document.activeElement).toBe(document.body);
  });

  it.each([
    ['another kind of page', '#/'],
    ['the same kind of page for another share', `#${linkFragment(other)}`],
  ])('[UI11] goes to the top of %s', async (_, hash) => {
    const { worker } = await openedAt(received);
    tell(worker, { phase: 'ready', manifest: photos });
    button('Download').focus();
    scrolled.mockClear();
    await goTo(hash);
    expect(document.activeElement).toBe(main());
    expect(scrolled).toHaveBeenCalledExactlyOnceWith(0, 0);
  });

  it('[UI11] is let be while a page only changes', async () => {
    const { worker } = await openedAt(received);
    tell(worker, { phase: 'ready', manifest: photos });
    scrolled.mockClear();
    const home = screen.getByRole('link', { name: 'shoal' });
    home.focus();
    tell(worker, { phase: 'downloading', manifest: photos });
    window.dispatchEvent(new Event('hashchange'));
    await settle();
    flushSync();
    expect(document.activeElement).toBe(home);
    expect(scrolled).not.toHaveBeenCalled();
  });
});

describe('a text that the system opens', () => {
  it('[AP2] that holds a link becomes its page’s address, without a step back', async () => {
    const { worker } = await openedAt('#/');
    await goTo(openRoute(`web+shoal:${linkFragment(id)}`));
    await told();
    expect(location.hash).toBe(received);
    expect(replaced).toHaveBeenCalledExactlyOnceWith(received);
    tell(worker, { phase: 'ready', manifest: photos });
    expect(heading()).toBe('Photos');
  });

  it('[AP2] [UI2] that holds none is answered as if it had been typed', async () => {
    await openedAt(openRoute('magnet:?xt=urn:sha256:1'));
    await loaded();
    expect(sentence()).toMatch(/^This magnet names no share/);
    await goTo(openRoute('holiday.torrentinno'));
    expect(sentence()).toMatch(/^This is the name of a resource file/);
  });
});

describe('a newer version of the page', () => {
  const reloads = vi.spyOn(location, 'reload').mockImplementation(() => undefined);
  const asks = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  const note = (): string => (screen.getByRole('note').textContent ?? '').trim();

  it.each(['#/', received, '#cut', '#/settings', '#/received'])(
    '[AP6] is told of at %s, and nothing is loaded anew before the press',
    async (hash) => {
      reloads.mockClear();
      const { version } = await openedAt(hash);
      await loaded();
      expect(screen.queryByRole('button', { name: 'Reload' })).toBeNull();
      await version.look();
      flushSync();
      expect(note()).toMatch(/^There is a new version of this page\. *Reload$/);
      expect([reloads.mock.calls.length, alerts()]).toEqual([0, []]);
      await person.click(button('Reload'));
      expect(reloads).toHaveBeenCalledOnce();
    },
  );

  it('[AP6] [UI5] goes on after one press where nothing is lost by it', async () => {
    const { version, worker } = await openedAt(received);
    tell(worker, { phase: 'downloading', manifest: photos });
    await version.look();
    flushSync();
    expect(note()).toMatch(/What runs goes on after the reload/);
    expect(asks()).toBe(true);
    await person.click(button('Reload'));
    expect(asks()).toBe(false);
  });

  it('[AP6] [UI5] lets the browser ask where something is read that would begin again', async () => {
    const { version, transfers } = await openedAt('#/');
    void transfers.share(chosen('a.txt'));
    await settle();
    await version.look();
    flushSync();
    expect(note()).toMatch(/would begin again/);
    await person.click(button('Reload'));
    expect(asks()).toBe(true);
  });
});

describe('[SA11] an older version of the page', () => {
  const reloads = vi.spyOn(location, 'reload').mockImplementation(() => undefined);

  it('is asked to be closed, and a press goes on with what is stored when it is', async () => {
    const { version, transfers } = await openedAt(received);
    version.olderClosed = true;
    flushSync();
    expect(screen.queryByRole('button', { name: 'Reload' })).toBeNull(); // nothing is in this page's way
    version.olderClosed = false;
    transfers.keptInMemory = 'older';
    flushSync();
    expect(document.body.textContent).toMatch(/An older version of this page is still open/);
    expect(screen.queryByRole('button', { name: 'Reload' })).toBeNull();
    version.olderClosed = true;
    flushSync();
    expect(document.body.textContent).not.toMatch(/still open/);
    expect(document.body.textContent).toMatch(/The older version of this page is closed now\./);
    reloads.mockClear();
    await person.click(button('Reload'));
    expect(reloads).toHaveBeenCalledOnce();
  });
});

describe('the offer to install', () => {
  it('[AP5] stands on the page while there is one, and goes with an answer', async () => {
    await openedAt('#/');
    const offer = (): HTMLElement | null => screen.queryByRole('button', { name: 'Install as an app' });
    expect(offer()).toBeNull();
    const prompt = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
      prompt: async () => ({ outcome: 'accepted' }),
    });
    window.dispatchEvent(prompt);
    flushSync();
    await loaded();
    expect(offer()).not.toBeNull();
    await person.click(button('Not now'));
    flushSync();
    expect(offer()).toBeNull();
  });
});
