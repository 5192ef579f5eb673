// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AGAIN_MS, TYPING_MS } from '../state/finding.svelte.ts';
import type { SearchResult } from '../state/session.ts';
import { idOf } from '../state/transfer.fixture.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, render, rowsOf, screen, sentence } from '../testing/shown.ts';
import Find from './Find.svelte';

let worker: FakeWorker;

beforeEach(() => {
  history.replaceState(null, '', '/#/find');
  worker = new FakeWorker();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => vi.useRealTimers());

const found = (digit: string, more: Partial<SearchResult> = {}): SearchResult => ({
  ...{ infoHash: idOf(digit), name: `film ${digit}`, size: 2_000_000, files: 1, complete: 1, incomplete: 0 },
  ...more,
});

function answers(total: number, ...results: SearchResult[]): void {
  worker.found = { kind: 'found', total, results };
}

async function came(ms = 0): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await settle();
  await vi.advanceTimersByTimeAsync(ms);
  for (let turn = 0; turn < 4; turn++) await settle();
  flushSync();
}

async function shown(): Promise<void> {
  const transfers = worker.transfers();
  render(Find, { transfers });
  await came();
}

const box = (): HTMLInputElement => screen.getByRole('searchbox', { name: 'Search public shares' });
const link = (name: string): HTMLElement => screen.getByRole('link', { name });

function types(text: string): void {
  box().value = text;
  box().dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

describe('[UI23] the page Find', () => {
  it('[UI23] lists what is public, each under a link that opens it', async () => {
    answers(
      2,
      found('a', { files: 3, comment: 'From the mountains', complete: 3, incomplete: 1 }),
      found('b', { complete: 0, incomplete: 2 }),
    );
    await shown();
    expect(rowsOf('Public shares')).toEqual([
      'film a From the mountains 2.00 MB in 3 files 3 1 3 full copies',
      'film b 2.00 MB 0 2 nobody has all of it',
    ]);
    const columns = screen.getAllByRole('columnheader').map(({ textContent }) => textContent);
    expect(columns).toEqual(['Name', 'Size', 'Seeds', 'Leechers', 'Availability']);
    expect(link('film a').getAttribute('href')).toMatch(/^#[\w-]{43}$/);
    expect([sentence(), document.title]).toEqual(['2 shares on this server.', 'Find – Shoal']);
  });

  it('[UI23] nothing is found, and the page says what to do', async () => {
    await shown();
    expect([sentence(), screen.queryByRole('table')]).toEqual([
      expect.stringMatching(/^Nobody lists a share/),
      null,
    ]);
    types('nothing like it');
    expect(sentence()).toBe('Searching…');
    await came(TYPING_MS - 1);
    expect(worker.searched).toHaveLength(1);
    await came(1);
    expect(sentence()).toMatch(/^Nothing found\./);
  });

  it('[UI23] asking again moves neither the focus nor what is typed', async () => {
    answers(2, found('a'), found('b'));
    await shown();
    types('film');
    await came(TYPING_MS);
    link('film b').focus();
    answers(2, found('c'), found('b', { complete: 7 }));
    await came(AGAIN_MS);
    expect(rowsOf('Public shares')).toEqual([
      'film b 2.00 MB 7 0 7 full copies',
      'film c 2.00 MB 1 0 1 full copy',
    ]);
    expect(document.activeElement).toBe(link('film b'));
    expect([box().value, worker.searched.at(-1)?.query]).toEqual(['film', 'film']);
  });

  it('[UI23] turns pages, and begins each at its top', async () => {
    answers(30, ...'0123456789'.split('').map((digit) => found(digit)));
    await shown();
    expect(button('Previous page').getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByText('1–10 of 30')).toBeTruthy();
    answers(30, found('a'));
    button('Next page').click();
    await came();
    expect(rowsOf('Public shares')).toHaveLength(1);
    expect(screen.getByText('11–11 of 30')).toBeTruthy();
    expect(document.activeElement?.contains(screen.getByRole('table'))).toBe(true);
    button('Previous page').click();
    await came();
    expect(worker.searched.map(({ offset }) => offset)).toEqual([0, 10, 0]);
  });

  it('[UI23] an id is searched for and can be opened, a link is opened alone', async () => {
    await shown();
    types('a'.repeat(64));
    await came(TYPING_MS);
    expect(worker.searched.at(-1)?.query).toBe('a'.repeat(64));
    expect(sentence()).toMatch(/^No public share has this id\./);
    const address = link('Open this share').getAttribute('href') ?? '';
    expect(address).toMatch(/^#q{42}o$/);
    types(`https://shoal.example/${address}`);
    await came(TYPING_MS);
    expect(worker.searched).toHaveLength(2);
    expect(link('Open this share').getAttribute('href')).toBe(address);
    expect(sentence()).toMatch(/^This is a link to one share\./);
  });

  it('[UI23] [MF6] hostile names stand there as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    answers(2, found('a', { name, comment: name }), found('b', { name: 'a\u202egpj\nexe' }));
    await shown();
    expect(link(name)).toBeTruthy();
    expect(link('a\ufffdgpj\ufffdexe')).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });

  it('[UI23] [TR2] ten thousand characters are cut, which is said', async () => {
    await shown();
    types('x'.repeat(10_000));
    await came(TYPING_MS);
    expect(worker.searched.at(-1)?.query).toHaveLength(255);
    expect(screen.getByText('Only the first 255 characters are searched for.')).toBeTruthy();
    expect(box().value).toHaveLength(10_000);
  });

  it('[UI23] a server that is away, also before there is a worker', async () => {
    worker.found = { kind: 'not-searched', why: 'away' };
    await shown();
    expect(sentence()).toMatch(/^Can't reach the Shoal server\./);
  });

  it('[UI23] what was typed is there when the person comes back', async () => {
    await shown();
    types('film');
    await came(TYPING_MS);
    const view = render(Find, { transfers: worker.transfers() });
    await came();
    expect(view.container.querySelector('input')?.value).toBe('film');
  });
});
