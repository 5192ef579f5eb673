// @vitest-environment happy-dom
/** [WS7] [WS8] Web addresses on the pages of a share. */
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { WebSeedSnapshot } from '../../shared/engine/io.ts';
import type { ShownWeb, Transfer } from '../state/session.ts';
import { idOf, manifestOf } from '../state/transfer.fixture.ts';
import '../testing/drawn.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, fact, loaded, person, render, rowsOf, screen, sentence, tell } from '../testing/shown.ts';
import Receive from './Receive.svelte';
import Share from './Share.svelte';
import TransferInDepth from './TransferInDepth.svelte';

const id = idOf('a');
const seed: WebSeedSnapshot = {
  ...{ host: 'mirror.example', state: 'not-allowed', trouble: null, down: 0, receivedBytes: 0 },
};

function webOf(...hosts: readonly string[]): ShownWeb {
  const urls = hosts.map((host) => `https://${host}/film.mp4`);
  const named = hosts.map((host) => ({ host, https: true }));
  return { urls, urlCount: urls.length, hosts: named, hostCount: named.length };
}

const manifest = { ...manifestOf([4_000_000]), web: webOf('mirror.example') };
const named: Partial<Transfer> = { phase: 'downloading', manifest, webSeeds: [seed] };

async function shown(
  view: typeof Receive,
  changes: Partial<Transfer>,
  urlSources: boolean | null = true,
): Promise<FakeWorker> {
  const worker = new FakeWorker();
  worker.urlSources = urlSources;
  const transfers = worker.transfers();
  await transfers.start();
  tell(worker, changes);
  render(view, { transfers, infoHash: id });
  await loaded();
  await settle();
  await loaded();
  return worker;
}

describe('[WS7] on the receiving page', () => {
  it('[WS7] the person is asked, and can take it back with the same button, which keeps the focus', async () => {
    const worker = await shown(Receive, named);
    expect(worker.webAllowed).toBeNull();
    const control = button('Also load from mirror.example');
    await person.click(control);
    expect(worker.webAllowed).toBe(true);
    tell(worker, { ...named, webSeeds: [{ ...seed, state: 'waiting', trouble: 'silent' }] });
    expect(button("Don't load from the web")).toBe(control);
    expect(document.activeElement).toBe(control);
    expect(screen.getByText(/^mirror\.example: The server did not answer in time\./)).toBeDefined();
    await person.click(control);
    expect(worker.webAllowed).toBe(false);
  });

  it('[WS7] of many servers all can be listed', async () => {
    const web = webOf('a.example', 'b.example', 'c.example', 'd.example');
    await shown(Receive, { ...named, manifest: { ...manifest, web } });
    const rows = screen.getByRole('list', { name: 'Servers', hidden: true });
    expect([...rows.children].map(({ textContent }) => textContent)).toEqual([
      ...['a.example', 'b.example', 'c.example', 'd.example'],
    ]);
  });

  it('[WS6] [WS7] where the operator does not allow it nothing can be pressed', async () => {
    await shown(Receive, named, false);
    expect(screen.getByText(/mirror\.example\. This site does not load from web addresses/)).toBeDefined();
    expect(screen.queryByRole('button', { name: /load from/ })).toBeNull();
  });

  it('[WS7] what is not known is asked again when the server is back', async () => {
    const worker = await shown(Receive, { ...named, trackerOnline: false }, null);
    expect(screen.queryByText('On the web')).toBeNull();
    worker.urlSources = true;
    tell(worker, named);
    await settle();
    flushSync();
    expect(button('Also load from mirror.example')).toBeDefined();
  });

  it.each<[Partial<WebSeedSnapshot>, RegExp]>([
    [{ state: 'asked', down: 5_000 }, /^Downloading from the web\.$/],
    [{ state: 'asked' }, /^Asking a server on the web/],
    [{ state: 'waiting', trouble: 'busy' }, /^The sender is offline/],
  ])('[UI4] [WS7] the sentence counts the web: %o', async (changes, says) => {
    await shown(Receive, { ...named, webSeeds: [{ ...seed, ...changes }] });
    expect(sentence()).toMatch(says);
  });
});

describe('[WS8] on the page of one’s own share', () => {
  it('[WS8] the addresses are listed, and nothing is asked', async () => {
    await shown(Share, { ...named, role: 'sharing', phase: 'complete' });
    const list = screen.getByRole('list', { name: 'Web addresses' });
    expect(list.textContent).toContain('https://mirror.example/film.mp4');
    expect(screen.queryByRole('button', { name: /load from/ })).toBeNull();
  });
});

describe('[UI24] [WS7] on the transfer’s page', () => {
  it('[UI24] each source has a row, and what came is split', async () => {
    const webSeeds: WebSeedSnapshot[] = [
      { ...seed, state: 'asked', down: 2_000_000, receivedBytes: 3_000_000 },
      { ...seed, host: 'other.example', state: 'gone', trouble: 'no-ranges' },
    ];
    await shown(TransferInDepth, { ...named, webSeeds, receivedFrom: { people: 1_000_000, web: 3_000_000 } });
    expect(rowsOf('Web addresses')).toEqual([
      'mirror.example sends 2.00 MB/s 3.00 MB',
      expect.stringMatching(/^other\.example given up: The server sends the whole file alone.* – 0 bytes$/),
    ]);
    expect([fact('From people'), fact('From the web')]).toEqual(['1.00 MB', '3.00 MB']);
  });
});
