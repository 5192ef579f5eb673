// @vitest-environment happy-dom
/** [WS40] [WS41] A bare web address, from the box on the first page to its share. */
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { FetchOutcome, Transfer } from '../state/session.ts';
import { receiveRoute, transferRoute } from '../state/route.ts';
import { idOf, manifestOf } from '../state/transfer.fixture.ts';
import '../testing/drawn.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, fact, loaded, person, render, screen } from '../testing/shown.ts';
import Damaged from './Damaged.svelte';
import Home from './Home.svelte';
import Receive from './Receive.svelte';
import TransferInDepth from './TransferInDepth.svelte';

const [file, share] = [idOf('a'), idOf('b')];
const URL = 'https://files.example/film.bin';

async function atHome(urlSources: boolean | null = true) {
  const worker = new FakeWorker();
  worker.urlSources = urlSources;
  const transfers = worker.transfers();
  const went: string[] = [];
  const view = render(Home, { transfers, go: (to: string) => void went.push(to) });
  await transfers.start();
  return { worker, transfers, went, view };
}

async function typed(text: string): Promise<void> {
  await person.type(screen.getByRole('textbox', { name: 'Link, magnet or resource' }), text);
  await shown();
}

async function shown(): Promise<void> {
  await loaded();
  await settle();
  await loaded();
}

describe('[WS40] the box', () => {
  it('says who is asked and learns of it, asks nobody before Open, and goes to the transfer', async () => {
    const { worker, transfers, went } = await atHome();
    worker.fetchOutcome = { kind: 'begun', infoHash: file };
    await typed(URL);
    expect(screen.getByText(/from files\.example, .*learn that your internet address/)).toBeDefined();
    expect(worker.fetched).toEqual([]);
    await person.click(button('Open'));
    await settle();
    expect(worker.fetched).toEqual([URL]);
    expect(went).toEqual([receiveRoute(file)]);
    expect(worker.asked).toContain('keep');
    expect(transfers.fetched.asked).toBeNull();
  });

  it('goes to the share that it became here earlier, which is no new download', async () => {
    const { worker, transfers, went } = await atHome();
    worker.fetchOutcome = { kind: 'here', infoHash: share };
    await typed(URL);
    await person.click(button('Open'));
    await settle();
    expect(went).toEqual([receiveRoute(share)]);
    expect(worker.asked).not.toContain('keep');
    expect(transfers.fetched.asked).toBeNull();
  });

  it('[WS6] [WS36] says that others are asked where the operator does not allow more, and asks them', async () => {
    const { worker, went } = await atHome(false);
    worker.fetchOutcome = { kind: 'begun', infoHash: file };
    await typed(URL);
    expect(screen.getByText(/People who lend their connection can fetch the file/)).toBeDefined();
    await person.click(button('Open'));
    await settle();
    expect(worker.fetched).toEqual([URL]);
    expect(went).toEqual([receiveRoute(file)]);
  });

  it('says why it does not come, until another address is typed', async () => {
    const { worker, went } = await atHome();
    worker.fetchOutcome = { kind: 'no-ranges' };
    await typed(URL);
    await person.click(button('Open'));
    await settle();
    flushSync();
    expect(screen.getByText(/sends only the whole file/)).toBeDefined();
    await typed('2');
    expect(screen.queryByText(/sends only the whole file/)).toBeNull();
    expect(went).toEqual([]);
  });

  it('[WS25] shows how far a stream is, cancels it, and keeps the page from being left unasked', async () => {
    const { worker, transfers, went } = await atHome();
    let answer: (outcome: FetchOutcome) => void = () => undefined;
    worker.fetchOutcome = new Promise((resolve) => (answer = resolve));
    await typed(URL);
    await person.click(button('Open'));
    await settle();
    flushSync();
    expect(screen.getByText('Finding out what is at this address of files.example.')).toBeDefined();
    worker.streamed({ receivedBytes: 3_000_000, totalBytes: 10_000_000 });
    flushSync();
    expect(screen.getByRole('progressbar', { name: 'Loading progress' }).getAttribute('aria-valuenow')).toBe(
      '30',
    );
    expect([transfers.leavingCuts, transfers.bytesMove]).toEqual([true, true]);
    await person.click(button('Open'));
    flushSync();
    expect(screen.getByText(/^One such file comes at a time/)).toBeDefined();
    expect(worker.fetched).toHaveLength(1);
    await person.click(button('Cancel'));
    expect(worker.asked).toContain('cancelFetch');
    answer({ kind: 'cancelled' });
    await settle();
    flushSync();
    expect(screen.queryByRole('progressbar')).toBeNull();
    expect(went).toEqual([]);
  });

  it('goes to the share that a stream became, unless the person is elsewhere by then', async () => {
    const { worker, went, view } = await atHome();
    let answer: (outcome: FetchOutcome) => void = () => undefined;
    worker.fetchOutcome = new Promise((resolve) => (answer = resolve));
    await typed(URL);
    await person.click(button('Open'));
    await settle();
    await view.unmount();
    answer({ kind: 'streamed', infoHash: share });
    await settle();
    expect(went).toEqual([]);
  });
});

describe('[WS40] the box of a link that leads nowhere', () => {
  it('takes a web address as that of the first page does', async () => {
    const worker = new FakeWorker();
    worker.urlSources = true;
    worker.fetchOutcome = { kind: 'begun', infoHash: file };
    const transfers = worker.transfers();
    const went: string[] = [];
    render(Damaged, { transfers, why: 'short', go: (to: string) => void went.push(to) });
    await typed(URL);
    expect(screen.getByText(/from files\.example, .*learn that your internet address/)).toBeDefined();
    await person.click(button('Open'));
    await settle();
    expect([worker.fetched, went]).toEqual([[URL], [receiveRoute(file)]]);
  });

  it('[AP2] has an address that the system opens in it, and asks nobody before Open', async () => {
    const worker = new FakeWorker();
    worker.urlSources = true;
    const go = (): void => undefined;
    render(Damaged, { transfers: worker.transfers(), why: 'alphabet', typed: URL, go });
    await shown();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('This is a web address');
    expect(screen.getByRole<HTMLInputElement>('textbox').value).toBe(URL);
    expect(screen.getByText(/from files\.example, .*Press Open to begin/)).toBeDefined();
    expect(worker.fetched).toEqual([]);
  });
});

describe('[WS41] what was loaded becomes a share', () => {
  it.each([
    ['receive', receiveRoute(share)],
    ['transfer', transferRoute(share)],
  ] as const)('and who looks at its %s page goes on to that of the share', async (page, address) => {
    const worker = new FakeWorker();
    worker.route = { page, infoHash: file };
    const transfers = worker.transfers();
    await transfers.start();
    transfers.fetchBegan(file);
    worker.push({ infoHash: file, phase: 'complete' });
    worker.page?.becameShare(file, share);
    worker.page?.removed(file);
    expect(worker.went).toEqual([`replace ${address}`]);
    expect(transfers.fetched.madeOf(share)?.infoHash).toBe(file);
    // It was asked for here, and is saved here.
    transfers.tabs = { owner: false, alone: false };
    worker.push({ infoHash: share, manifest: manifestOf([5]), phase: 'complete', saveDue: true });
    await settle();
    expect(worker.saves.map(({ transfer }) => transfer.infoHash)).toEqual([share]);
  });

  it('and who looks at something else stays there', async () => {
    const worker = new FakeWorker();
    worker.route = { page: 'receive', infoHash: idOf('c') };
    const transfers = worker.transfers();
    await transfers.start();
    worker.page?.becameShare(file, share);
    expect(worker.went).toEqual([]);
  });

  it('[WS12] one that changed is not looked for under its old id before it is there again', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ infoHash: file });
    worker.page?.fileChanged(file, 'begins');
    worker.page?.removed(file);
    await transfers.join(file);
    expect(worker.asked).not.toContain('join');
    expect(transfers.fetched.changeOf(file)).toBe('begins');
    transfers.fetchBegan(file);
    expect(transfers.fetched.changeOf(file)).toBeNull();
  });
});

describe('[WS42] the pages of a file without hashes', () => {
  const url = { urls: [URL], urlCount: 1, hosts: [{ host: 'files.example', https: true }], hostCount: 1 };
  const looks = {
    right: 3,
    pending: 0,
    unseen: 0,
    liars: 0,
    fromLenders: 500_000,
    refused: false,
    sha256: null,
  };
  const loading: Partial<Transfer> = {
    infoHash: file,
    phase: 'downloading',
    web: looks,
    savable: true,
    manifest: { ...manifestOf([5]), web: url },
    receivedFrom: { people: 2_000_000, web: 1_000_000 },
  };

  it.each([
    ['Receive', Receive],
    ['TransferInDepth', TransferInDepth],
  ] as const)(
    '%s tells who it comes from, who lends, what was checked, and offers no link',
    async (_, view) => {
      const worker = new FakeWorker();
      worker.lenders = { taken: 2, refused: {}, online: 4 };
      const transfers = worker.transfers();
      await transfers.start();
      worker.push(loading);
      render(view, { transfers, infoHash: file });
      await shown();
      expect(screen.getByText(/no link to it yet/)).toBeDefined();
      expect(screen.getByText(/^Checked 3 parts again/)).toBeDefined();
      expect(screen.getByText(/^2 people lend their connection/)).toBeDefined();
      const names = ['From the server', 'From those who lend', 'From others'];
      expect(names.map(fact)).toEqual(['1.00 MB', '500 kB', '1.50 MB']);
      expect(screen.queryByText('Other ways to pass it on')).toBeNull();
      expect(screen.queryByText('On the web')).toBeNull();
      worker.page?.fileChanged(file, 'begins');
      flushSync();
      expect(screen.getByText(/was changed meanwhile.*again from its beginning/)).toBeDefined();
    },
  );

  it('has nothing to save before it is a share, which then says how it came', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...loading, phase: 'complete' });
    const view = render(Receive, { transfers, infoHash: file });
    await shown();
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
    await view.unmount();
    worker.page?.becameShare(file, share);
    worker.push({ ...loading, infoHash: share, web: null, phase: 'complete' });
    render(Receive, { transfers, infoHash: share });
    await shown();
    expect(button('Save')).toBeDefined();
    expect(screen.getByText(/was not verified as a whole/)).toBeDefined();
  });
});
