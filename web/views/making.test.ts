// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import type { AddressFault } from '../../shared/words/link-faults.ts';
import type { ShareFailure } from '../state/making.svelte.ts';
import { idOf } from '../state/transfer.fixture.ts';
import { chosen, FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, person, pressable, render, screen, sentence } from '../testing/shown.ts';
import Damaged from './Damaged.svelte';
import Making from './Making.svelte';

/** The page while the worker reads two files of five bytes each. */
async function reading(worker = new FakeWorker()) {
  const transfers = worker.transfers();
  const went: string[] = [];
  const sharing = transfers.share(chosen('a\u202eb.txt', 'c.txt'));
  await settle();
  render(Making, { transfers, go: (to: string) => void went.push(to) });
  return { worker, transfers, went, sharing };
}

describe('while files are read', () => {
  it('[UI4] [UI7] says how far it is, in words, as a picture, as a bar and in figures', async () => {
    const { worker } = await reading();
    const bar = screen.getByRole('progressbar', { name: 'Reading progress' });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('a\ufffdb.txt and 1 more');
    expect([sentence(), bar.getAttribute('aria-valuenow')]).toEqual([
      expect.stringMatching(/^Reading 10/),
      '0',
    ]);
    expect(document.title).toBe('Making a link – Shoal');
    worker.progress(3);
    flushSync();
    expect(bar.getAttribute('aria-valuenow')).toBe('30');
    expect(screen.getByText('30 % of 10 bytes in 2 files')).toBeTruthy();
    expect(screen.getByRole('img').getAttribute('aria-label')).toMatch(/60 of 200/);
    worker.progress(10);
    flushSync();
    expect(sentence()).toBe('Read. Making the link.');
    expect(pressable()).toEqual(['Cancel']);
  });

  it('[WK5] says that the server is away, and goes on when it is back', async () => {
    const { transfers } = await reading();
    transfers.away = true;
    flushSync();
    expect(sentence()).toMatch(/Can't reach.*continues by itself/);
    transfers.away = false;
    flushSync();
    expect(sentence()).toMatch(/^Reading/);
  });

  it('[UI3] can be cancelled, which leads back to the first page and lets the next one go on', async () => {
    const { worker, transfers, sharing } = await reading();
    void transfers.share(chosen('next.txt'));
    flushSync();
    const next = screen.getByRole('list', { name: 'Next' });
    expect(next.textContent).toMatch(/next\.txt\s*1 file/);
    await person.click(button('Cancel'));
    await settle();
    flushSync();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('next.txt');
    expect(screen.queryByRole('list', { name: 'Next' })).toBeNull();
    await person.click(button('Cancel'));
    await sharing;
    expect(transfers.making.state.kind).toBe('nothing');
    expect(worker.went.at(-1)).toBe('replace #/');
  });

  it('[UI1] is the first page’s when there is nothing to read any more, as after a reload', () => {
    const went: string[] = [];
    render(Making, { transfers: new FakeWorker().transfers(), go: (to: string) => void went.push(to) });
    expect(went).toEqual(['#/']);
    expect([screen.queryByRole('heading'), screen.queryByRole('status')]).toEqual([null, null]);
  });
});

describe('when no link could be made', () => {
  it.each<[Exclude<ShareFailure, { kind: 'details' }>, RegExp]>([
    [{ kind: 'broken' }, /broke while it made this link/],
    [{ kind: 'unreadable', file: 'a.txt' }, /“a\.txt” cannot be read/],
    [{ kind: 'refused', why: 'no-files' }, /no file in what you chose/],
    [{ kind: 'refused', why: 'too-large' }, /more than one link can carry/],
    [{ kind: 'refused', why: 'too-many-files' }, /more than 10,000 files/],
    [{ kind: 'refused', why: 'manifest-too-large' }, /names of these files are together too long/],
  ])('[UI3] [UI4] says why, and lets choose again: %o', async (why, says) => {
    const { worker, transfers, sharing } = await reading();
    if (why.kind === 'broken') worker.page?.workerBroke('out of order');
    else worker.answer(why);
    if (why.kind !== 'broken') await sharing;
    flushSync();
    expect(screen.getByRole('heading', { level: 1, name: 'This could not be shared' })).toBeTruthy();
    expect(sentence()).toMatch(says);
    expect(screen.queryByRole('progressbar')).toBeNull();
    await person.click(button('Choose again'));
    expect(transfers.making.state.kind).toBe('nothing');
    expect(worker.went.at(-1)).toBe('#/');
  });

  it('[UI3] the next choice is read as if nothing had been', async () => {
    const { worker, transfers, sharing } = await reading();
    worker.answer({ kind: 'refused', why: 'no-files' });
    await sharing;
    void transfers.share(chosen('d.txt'));
    flushSync();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('d.txt');
    await settle();
    worker.answer({ kind: 'shared', infoHash: idOf('a') });
    await settle();
    expect(worker.went.at(-1)).toMatch(/^replace #\/share\//);
  });
});

describe('a damaged link', () => {
  const INCOMPLETE = 'This link is incomplete';
  const DAMAGED = 'This link is damaged';
  it.each<[AddressFault, string, RegExp]>([
    ['empty', INCOMPLETE, /nothing after the #/],
    ['short', INCOMPLETE, /was cut off/],
    ['long', DAMAGED, /was added/],
    ['alphabet', DAMAGED, /do not belong/],
    ['not-canonical', DAMAGED, /last character/],
    ['several', DAMAGED, /different shares/],
  ])('[UI1] says what is wrong with it and where to go: %s', (why, title, says) => {
    render(Damaged, { transfers: new FakeWorker().transfers(), why, go: () => undefined });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(title);
    expect(sentence()).toMatch(says);
    expect(document.title).toBe('Damaged link – Shoal');
    expect(screen.getByRole('link', { name: 'Go home' }).getAttribute('href')).toBe('#/');
  });

  it('[UI1] [UI2] takes the link once more', async () => {
    const went: string[] = [];
    const transfers = new FakeWorker().transfers();
    render(Damaged, { transfers, why: 'short', go: (to: string) => void went.push(to) });
    const box = screen.getByRole('textbox', { name: 'Link, magnet or resource' });
    await person.type(box, 'https://example.org/#abc');
    await person.click(button('Open'));
    expect(screen.getByText(/was cut off/, { selector: '#open-complaint' })).toBeTruthy();
    await person.clear(box);
    await person.type(box, `https://example.org/#${linkFragment(idOf('a'))}.{Enter}`);
    expect(went).toEqual([`#${linkFragment(idOf('a'))}`]);
  });
});
