// @vitest-environment happy-dom
/** [UI26] How a share is passed on besides its link, and resource files that are opened on any page. */
import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import { readMagnet } from '../../shared/manifest/magnet.ts';
import DropAnywhere from '../parts/DropAnywhere.svelte';
import PassOn from '../parts/PassOn.svelte';
import type { ResourceOutcome } from '../worker/contract.ts';
import { idOf, manifestOf } from '../state/transfer.fixture.ts';
import { carried, happens } from '../testing/dragged.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, person, render, screen, tell } from '../testing/shown.ts';
import Home from './Home.svelte';
import Receive from './Receive.svelte';

/** For what is loaded on use, on a busy machine. */
const PATIENCE = { timeout: 10_000 };

const id = idOf('a');
const fragment = `#${linkFragment(id)}`;
const handed: { name: string; blob: Blob }[] = [];

beforeEach(() => {
  handed.length = 0;
  let last = new Blob();
  vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
    last = blob as Blob;
    return 'blob:here';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    handed.push({ name: this.download, blob: last });
  });
});

async function passingOn(pieceBytes = 262_144, name = 'Photos') {
  const worker = new FakeWorker();
  const transfers = worker.transfers();
  await transfers.start();
  const manifest = { ...manifestOf([1_000]), pieceBytes, name };
  tell(worker, { role: 'sharing', phase: 'complete', manifest });
  render(PassOn, { transfers, infoHash: id });
  return worker;
}

describe('[UI26] other ways to pass a share on', () => {
  it('saves the resource file under the share’s name, byte for byte', async () => {
    const worker = await passingOn(262_144, 'a\u202eb');
    worker.resource = new TextEncoder().encode('{"name":"ab"}');
    await person.click(button('Save resource file'));
    await settle();
    expect(handed.map(({ name }) => name)).toEqual(['ab.torrentinno']);
    expect(await handed[0]?.blob.text()).toBe('{"name":"ab"}');
  });

  it('says where there is none to save', async () => {
    await passingOn();
    await person.click(button('Save resource file'));
    await settle();
    flushSync();
    expect(screen.getByText(/^The resource file could not be made/)).toBeTruthy();
    expect(handed).toEqual([]);
  });

  it('[LK5] shows magnet text that leads to the share, and copies it', async () => {
    await passingOn();
    const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Magnet text' });
    expect(field.readOnly).toBe(true);
    expect(readMagnet(field.value)).toEqual({ kind: 'magnet', infoHash: id, name: 'Photos', bytes: 1_000 });
    await person.click(button('Copy magnet text'));
    await settle();
    expect(await navigator.clipboard.readText()).toBe(field.value);
    expect(screen.getByText('Copied')).toBeTruthy();
  });

  it.each([
    [1_000_000, 0],
    [1_000_001, 1],
  ])('[MF7] with pieces of %i bytes says so of TorrentInno’s own program: %i', async (pieceBytes, times) => {
    await passingOn(pieceBytes);
    expect(screen.queryAllByText(/own program cannot download this/)).toHaveLength(times);
  });

  it('is folded up on the page of a share whose files are known', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    render(Receive, { transfers, infoHash: id });
    await transfers.start();
    expect(screen.queryByText('Other ways to pass it on')).toBeNull();
    tell(worker, { phase: 'ready', manifest: manifestOf([1_000]) });
    expect(screen.queryByRole('button', { name: 'Save resource file' })).toBeNull();
    const details = screen.getByText('Other ways to pass it on').closest('details');
    details?.setAttribute('open', '');
    details?.dispatchEvent(new Event('toggle'));
    flushSync();
    expect(await screen.findByRole('button', { name: 'Save resource file' }, PATIENCE)).toBeTruthy();
  });
});

const resource = () => new File(['{"pieces":[]}'], 'Film.TorrentInno');
const OPENED: ResourceOutcome = { kind: 'opened', infoHash: id };
const said = (worker: FakeWorker, transfers: ReturnType<FakeWorker['transfers']>) =>
  transfers.resources.saidAt(worker.route)?.sentence ?? null;

describe.each(['drop', 'paste'] as const)('[UI26] a resource file alone, by %s', (how) => {
  async function at(page: 'home' | 'elsewhere') {
    const worker = new FakeWorker();
    worker.resourceOutcome = OPENED;
    const transfers = worker.transfers();
    if (page === 'home') render(Home, { transfers, go: () => undefined });
    else render(DropAnywhere, { transfers });
    await transfers.start();
    return { worker, transfers };
  }

  it.each(['home', 'elsewhere'] as const)('is opened and not shared, which is said: %s', async (page) => {
    const { worker, transfers } = await at(page);
    expect(await happens(how, document.body, { carrying: carried([resource()]) })).toBe(true);
    await vi.waitFor(() => expect(worker.went).toEqual([fragment]), PATIENCE);
    expect(said(worker, transfers)).toMatch(/was opened, not shared/);
    expect(worker.request).toBeNull();
    expect(transfers.resources.saidAt({ page: 'home' })).toBeNull();
  });

  it('that is none is said on the page', async () => {
    const { worker, transfers } = await at('elsewhere');
    worker.resourceOutcome = { kind: 'refused', why: 'bittorrent' };
    await happens(how, document.body, { carrying: carried([resource()]) });
    await vi.waitFor(() => expect(said(worker, transfers)).toMatch(/^This is a BitTorrent file/));
    expect(worker.went).toEqual([]);
  });

  it('beside another file is shared as that is', async () => {
    const { worker } = await at('home');
    await happens(how, document.body, { carrying: carried([resource(), new File(['a'], 'a.txt')]) });
    await settle();
    expect(worker.request?.files.map(({ file }) => file.name)).toEqual(['Film.TorrentInno', 'a.txt']);
    expect(worker.resources).toEqual([]);
  });

  it('that is a folder is shared', async () => {
    const { worker } = await at('home');
    const readEntries = (found: (none: never[]) => void): void => found([]);
    const folder = {
      ...{ isDirectory: true, isFile: false, name: 'a.torrentinno' },
      createReader: () => ({ readEntries }),
    };
    await happens(how, document.body, { carrying: carried([resource()], {}, [folder]) });
    expect(worker.went).toEqual(['#/share/new']);
    expect(worker.resources).toEqual([]);
  });
});

describe('[UI26] the button beside the box', () => {
  it.each<[ResourceOutcome, RegExp | null]>([
    [OPENED, null],
    [{ kind: 'refused', why: 'empty' }, /^There is nothing in this file/],
    [{ kind: 'refused', why: 'too-large' }, /^This file is too large/],
    [{ kind: 'refused', why: 'bittorrent' }, /BitTorrent program can/],
    [{ kind: 'refused', why: 'other-file' }, /one of another program/],
    [{ kind: 'refused', why: 'damaged' }, /a part of it is missing or was changed/],
    [{ kind: 'refused', why: 'not-allowed', reason: 'name' }, /cannot be opened: its name/],
    [{ kind: 'refused', why: 'not-allowed', reason: 'shape' }, /something in it is missing/],
  ])(
    'opens the share of a resource file, or says beside the box what is wrong: %o',
    async (outcome, says) => {
      const worker = new FakeWorker();
      worker.resourceOutcome = outcome;
      const transfers = worker.transfers();
      render(Home, { transfers, go: () => undefined });
      const input = screen.getByLabelText<HTMLInputElement>('Choose a resource file');
      await person.upload(input, resource());
      if (says === null) await vi.waitFor(() => expect(worker.went).toEqual([fragment]), PATIENCE);
      else expect((await screen.findByText(says, {}, PATIENCE)).id).toBe('open-complaint');
      expect(input.value).toBe('');
      expect(said(worker, transfers)).toBeNull();
    },
  );

  it('says that a file cannot be read, and what a fault of ours does', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    const gone = { slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone')) }) };
    expect(await transfers.resources.open(gone as unknown as Blob)).toMatch(/^This file cannot be read/);
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await transfers.resources.open(resource())).toMatch(/^Something in this page broke/);
    expect(error).toHaveBeenCalledOnce();
  });
});
