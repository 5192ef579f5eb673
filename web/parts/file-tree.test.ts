// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Transfer } from '../state/session.ts';
import { idOf, manifestOf } from '../state/transfer.fixture.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, loaded, person, render, screen, tell } from '../testing/shown.ts';
import FileList from './FileList.svelte';

const id = idOf('a');
const PATHS = ['P/b/10.txt', 'P/b/2.txt', 'P/a.txt', 'P/c.txt'];

interface Scene {
  readonly paths?: readonly string[];
  readonly folders?: readonly string[];
  readonly changes?: Partial<Transfer>;
  readonly stored?: readonly number[];
  /** The sharing page chooses nothing. */
  readonly choosable?: boolean;
}

async function shown({
  paths = PATHS,
  folders = [],
  changes = {},
  stored = [],
  choosable = true,
}: Scene = {}) {
  const worker = new FakeWorker();
  worker.rows = paths.map((path, nth) => ({
    path: path.split('/'),
    size: 1_000,
    storedBytes: stored[nth] ?? 0,
    wanted: true,
  }));
  worker.folders = folders.map((path) => path.split('/'));
  const files = worker.rows.map(({ path, size }) => ({ path, size }));
  const manifest = {
    ...manifestOf(files.map(({ size }) => size)),
    ...{ files, folders: worker.folders, fileCount: files.length, folderCount: folders.length },
  };
  const transfers = worker.transfers();
  await transfers.start();
  const nothing: boolean[] = [];
  tell(worker, { phase: 'ready', manifest, ...changes });
  const told = (isNothing: boolean): void => void nothing.push(isNothing);
  render(FileList, { transfers, infoHash: id, manifest, ...(choosable ? { nothingChosen: told } : {}) });
  await here();
  return { worker, transfers, manifest, nothing };
}

async function here(): Promise<void> {
  await loaded();
  await settle();
  flushSync();
}

const rows = (): string[] =>
  screen.getAllByRole('treeitem').map((row) => row.getAttribute('aria-label') ?? '');
const box = (name: string): HTMLInputElement => screen.getByRole('checkbox', { name });
const row = (name: string): HTMLElement => screen.getByRole('treeitem', { name });
const plain = (element: HTMLElement): string => (element.textContent ?? '').replaceAll(/\s+/g, ' ').trim();

async function toggle(name: string): Promise<void> {
  await person.click(box(name));
  await here();
}

afterEach(() => vi.useRealTimers());

describe('the files of a share', () => {
  it('[UI14] are a tree named Files, sorted, with sizes, and with its empty folders', async () => {
    await shown({ folders: ['P/none'] });
    expect(screen.getByRole('tree', { name: 'Files' })).toBeTruthy();
    expect(rows()).toEqual(['P', 'b', '2.txt', '10.txt', 'none', 'a.txt', 'c.txt']);
    expect(plain(row('b'))).toMatch(/^b 2\.00\skB$/);
    expect(plain(row('none'))).toBe('none empty');
    expect(row('10.txt').getAttribute('aria-level')).toBe('3');
    expect(['aria-posinset', 'aria-setsize'].map((name) => row('10.txt').getAttribute(name))).toEqual([
      '2',
      '2',
    ]);
    expect(screen.queryByRole('checkbox', { name: 'none' })).toBeNull();
  });

  it('[UI14] one file is one line', async () => {
    await shown({ paths: ['a\u202eb/x.txt'] });
    expect(screen.queryByRole('tree')).toBeNull();
    expect(screen.getByText('1 file: a\ufffdb/x.txt')).toBeTruthy();
  });

  it('[UI14] folders close and open by click and by key', async () => {
    await shown();
    await person.click(row('b'));
    flushSync();
    expect(rows()).toEqual(['P', 'b', 'a.txt', 'c.txt']);
    expect(row('b').getAttribute('aria-expanded')).toBe('false');
    await person.keyboard('{Enter}');
    await person.keyboard('{ArrowRight}');
    await here();
    expect(document.activeElement).toBe(row('2.txt'));
    await person.keyboard('{End}');
    await here();
    expect(document.activeElement).toBe(row('c.txt'));
    await person.keyboard('p');
    await here();
    expect(document.activeElement).toBe(row('P'));
    expect(screen.getAllByRole('treeitem').filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
  });

  it('[UI14] say how far each is, again each second while it downloads and somebody looks', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { worker } = await shown({ stored: [500, 1_000], changes: { phase: 'downloading' } });
    expect(plain(row('10.txt'))).toMatch(/50 %$/);
    expect(plain(row('2.txt'))).toMatch(/downloaded$/);
    expect(plain(row('a.txt'))).toMatch(/^a\.txt 1\.00\skB$/);
    worker.rows = worker.rows?.map((file) => ({ ...file, storedBytes: 250 })) ?? null;
    vi.advanceTimersByTime(1_000);
    await here();
    expect(plain(row('a.txt'))).toMatch(/25 %$/);
  });

  it('[UI14] of one’s own share have nothing to choose, and no progress', async () => {
    await shown({ stored: [500], changes: { role: 'sharing', phase: 'complete' }, choosable: false });
    expect(screen.queryAllByRole('checkbox')).toEqual([]);
    expect(screen.queryByRole('button')).toBeNull();
    expect(plain(row('10.txt'))).toMatch(/^10\.txt 1\.00\skB$/);
  });

  it('[UI14] that cannot be told of are said to be so', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    render(FileList, { transfers, infoHash: id, manifest: manifestOf([1, 2]) });
    await here();
    expect(screen.getByText(/cannot be shown right now/)).toBeTruthy();
  });
});

describe('choosing', () => {
  it('[UI25] a file, a folder, all and none of them, asks the worker for what is chosen then', async () => {
    const { worker } = await shown();
    await toggle('c.txt');
    expect(worker.chosen).toEqual([0, 1, 2]);
    expect(screen.getByText(/^3 of 4 files, 3\.00\skB of 4\.00\skB$/)).toBeTruthy();
    expect([box('P').indeterminate, box('P').checked, box('b').checked]).toEqual([true, false, true]);
    expect(row('P').getAttribute('aria-checked')).toBe('mixed');
    await toggle('b');
    expect(worker.chosen).toEqual([2]);
    expect(box('10.txt').checked).toBe(false);
    await toggle('P');
    expect(worker.chosen).toBeNull();
    expect(screen.getByText(/^All 4 files, 4\.00\skB$/)).toBeTruthy();
  });

  it('[UI25] by the space bar, on the row that has the focus', async () => {
    const { worker } = await shown();
    row('a.txt').focus();
    await person.keyboard(' ');
    await here();
    expect(worker.chosen).toEqual([0, 1, 3]);
    expect(document.activeElement).toBe(row('a.txt'));
  });

  it('[UI25] none is asked of nobody, is said, and is the way to a few', async () => {
    const { worker, nothing } = await shown();
    await person.click(button('Select none'));
    await here();
    expect(worker.asked).not.toContain('choose');
    expect(nothing.at(-1)).toBe(true);
    expect(screen.getByText(/Nothing is chosen/)).toBeTruthy();
    await toggle('a.txt');
    expect([worker.chosen, nothing.at(-1)]).toEqual([[2], false]);
    await person.click(button('Select all'));
    await here();
    expect(worker.chosen).toBeNull();
  });

  it('[UI25] what is refused is said, and what is so stands there again', async () => {
    const { worker } = await shown();
    worker.choice = 'not-open';
    await toggle('a.txt');
    expect(screen.getByText(/no longer open/)).toBeTruthy();
    expect(box('a.txt').checked).toBe(true);
  });

  it('[UI25] shows what another tab chose', async () => {
    const { worker } = await shown();
    worker.rows = worker.rows?.map((file, nth) => ({ ...file, wanted: nth === 3 })) ?? null;
    tell(worker, { phase: 'ready', wanted: { files: 1, onlyFile: 3, pieces: 1, bytes: 1, storedBytes: 0 } });
    await here();
    expect([box('c.txt').checked, box('a.txt').checked]).toEqual([true, false]);
  });

  it('[UI25] says that what is pressed is being noted, until it is', async () => {
    await shown();
    box('a.txt').click();
    flushSync();
    const line = screen.getByText(/^3 of 4 files/);
    expect(line.getAttribute('aria-busy')).toBe('true');
    await here();
    expect(line.getAttribute('aria-busy')).toBe('false');
  });

  it('[UI25] what is pressed while the worker is asked is asked for afterwards', async () => {
    const { worker } = await shown();
    await person.click(box('a.txt'));
    await person.click(box('c.txt'));
    await here();
    expect(worker.chosen).toEqual([0, 1]);
    expect([box('a.txt').checked, box('c.txt').checked]).toEqual([false, false]);
  });
});

describe('[SA14] one file out of several', () => {
  it('[SA14] can be saved as soon as it is whole, and what came of it is said', async () => {
    const { worker } = await shown({ stored: [0, 1_000, 10], changes: { phase: 'downloading' } });
    expect(
      screen.getAllByRole('button', { name: /^Get/ }).map((each) => each.getAttribute('aria-label')),
    ).toEqual(['Get 2.txt']);
    await person.click(button('Get 2.txt'));
    await settle();
    expect(worker.saves.map(({ one }) => one)).toEqual([1]);
    expect(worker.savings).toEqual([true]);
    worker.plan = { file: 1, name: 'two.txt', entries: [], renamed: [{ from: ['2.txt'], to: ['two.txt'] }] };
    worker.saves[0]?.ended({ kind: 'saved' });
    await here();
    expect(screen.getByText(/“2\.txt” was saved to your downloads as “two\.txt”/)).toBeTruthy();
    expect(worker.savings).toEqual([true, false]);
    expect(worker.asked).not.toContain('saved');
  });

  it('[SA14] that is the only one wanted is the share', async () => {
    const wanted = { files: 1, onlyFile: 1, pieces: 1, bytes: 1_000, storedBytes: 1_000 };
    const { worker } = await shown({ stored: [0, 1_000], changes: { phase: 'complete', wanted } });
    await person.click(button('Get 2.txt'));
    await settle();
    expect(worker.saves.map(({ one }) => one)).toEqual([undefined]);
  });

  it('[SA14] that cannot be saved says why', async () => {
    const { worker } = await shown({ stored: [0, 1_000] });
    worker.saveOutcome = { kind: 'failed', why: 'the disk is full' };
    await person.click(button('Get 2.txt'));
    await here();
    expect(screen.getByText('“2.txt” could not be saved: the disk is full.')).toBeTruthy();
  });
});
