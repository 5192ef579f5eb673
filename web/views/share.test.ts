// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { linkFragment } from '../../shared/manifest/link.ts';
import type { FileHandle, Transfer } from '../state/session.ts';
import { idOf, manifestOf, peersOf } from '../state/transfer.fixture.ts';
import { chosen, FakeWorker, settle } from '../testing/fake-worker.ts';
import {
  button,
  fact,
  loaded,
  person,
  pressable,
  render,
  rowsOf,
  screen,
  sentence,
  tell,
} from '../testing/shown.ts';
import Share from './Share.svelte';

const id = idOf('a');
const manifest = manifestOf([4_000_000]);
const running = { role: 'sharing', phase: 'complete', manifest, pieces: Uint8Array.of(2, 2) } as const;

/** The page of a share that this tab made, once the worker has told this much of it; null: nothing yet. */
async function made(changes: Partial<Transfer> | null = {}) {
  const worker = new FakeWorker();
  const transfers = worker.transfers();
  const sharing = transfers.share(chosen('a.txt'));
  await settle();
  worker.answer({ kind: 'shared', infoHash: id });
  await sharing;
  render(Share, { transfers, infoHash: id });
  if (changes !== null) tell(worker, { ...running, ...changes });
  await loaded();
  return { worker, transfers };
}

const shareLink = (): HTMLInputElement | null =>
  screen.queryByRole<HTMLInputElement>('textbox', { name: 'Share link' });
const chooseAgain = (): string | undefined =>
  screen.queryByRole('link', { name: 'Choose again' })?.getAttribute('href') ?? undefined;

/** The ways to pass it on besides its link ([UI26]) stand beneath every link, and are of a test of their own. */
const WAYS = ['Save resource file', 'Copy magnet text'];
const pressed = (): string[] => pressable().filter((name) => !WAYS.includes(name));

describe('what can be done on the sharing page', () => {
  it('[UI1] a share that runs has its link, whole and read-only, its picture and a way to stop', async () => {
    history.replaceState(null, '', '/drop/?from=mail#/share/x');
    await made();
    expect(shareLink()?.value).toBe(`${location.origin}/drop/#${linkFragment(id)}`);
    expect(shareLink()?.readOnly).toBe(true);
    await vi.dynamicImportSettled();
    expect(await screen.findByRole('img', { name: 'QR code of the share link' })).toBeTruthy();
    expect(pressed()).toEqual(['Copy link', 'Stop sharing']);
    expect(chooseAgain()).toBeUndefined();
    expect(sentence()).toMatch(/^Ready\. Send the link/);
    history.replaceState(null, '', '/');
  });

  it('[UI4] one that was just made gets ready, and there is nothing to press yet', async () => {
    await made(null);
    expect(sentence()).toBe('Getting ready.');
    expect([pressable(), shareLink(), chooseAgain()]).toEqual([[], null, undefined]);
  });

  it.each<[string, Partial<Transfer>, RegExp, string[], boolean]>([
    [
      'was stopped',
      { phase: 'stopped' },
      /Nobody can download this from you/,
      ['Start sharing', 'Remove'],
      false,
    ],
    ['changed on disk', { trouble: { kind: 'source', why: 'changed' } }, /was changed/, ['Remove'], true],
    [
      'is gone',
      { phase: 'failed', trouble: { kind: 'source', why: 'vanished' } },
      /deleted/,
      ['Remove'],
      true,
    ],
    [
      'is gone and may be back',
      {
        phase: 'failed',
        trouble: { kind: 'source', why: 'vanished' },
        unreadable: { why: 'vanished', files: 1, first: ['a'], neighbours: 0 },
      },
      /deleted/,
      ['Try again', 'Remove'],
      true,
    ],
    [
      'broke',
      { phase: 'failed', trouble: { kind: 'broken' } },
      /this share was stopped.*continues/,
      [],
      true,
    ],
  ])('[UI4] [WK1] one that %s has no link any more', async (_what, changes, says, names, again) => {
    await made(changes);
    expect(sentence()).toMatch(says);
    expect(pressed()).toEqual(names);
    expect(shareLink()).toBeNull();
    expect(screen.queryByRole('img', { name: /QR/ })).toBeNull();
    expect(chooseAgain()).toBe(again ? '#/' : undefined);
  });

  it('[LB3] one whose files went with a reload asks for them, and keeps its link', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    render(Share, { transfers, infoHash: id });
    expect(sentence()).toBe('Getting ready.');
    await settle();
    expect(worker.asked).toContain('join');
    const missing = { ...running, phase: 'stopped', filesMissing: 'not-kept' } as const;
    tell(worker, missing);
    await loaded();
    expect(sentence()).toMatch(/link is kept.*Choose them again, unchanged: the same link works again/);
    expect(shareLink()?.value).toContain(linkFragment(id));
    expect(pressed()).toEqual(['Copy link', 'Remove']);
    const input = screen.getByLabelText<HTMLInputElement>('Choose the file again');
    worker.provided = { kind: 'refused', why: 'changed' };
    await person.upload(input, new File(['12345'], 'a.txt'));
    await settle();
    flushSync();
    expect(sentence()).toMatch(/changed since.*new link/);
    worker.provided = { kind: 'provided' };
    await person.upload(input, new File(['12345'], 'a.txt'));
    await settle();
    tell(worker, running);
    expect(sentence()).toMatch(/^Ready/);
    expect(screen.queryByLabelText('Choose the file again')).toBeNull();
  });

  const needsPermission = {
    ...running,
    phase: 'stopped',
    filesMissing: 'permission-needed',
  } as const;
  const handleThat = (requestPermission: () => Promise<PermissionState>): FileHandle =>
    ({ kind: 'file', name: 'a.txt', requestPermission }) as unknown as FileHandle;

  it('[LB5] one whose files may be read after one press has that press alone, and says why', async () => {
    const { worker } = await made(needsPermission);
    expect(sentence()).toMatch(/wants your permission to read.*Press Allow, and whoever waits/);
    expect(shareLink()?.value).toContain(linkFragment(id));
    expect(pressed()).toEqual(['Copy link', 'Allow', 'Remove']);
    expect(screen.queryByLabelText('Choose the file again')).toBeNull();
    const asked: unknown[] = [];
    worker.handles = [1, 2].map((nth) => handleThat(async () => (asked.push(nth), 'granted')));
    button('Allow').focus();
    await person.click(button('Allow'));
    await settle();
    expect([asked, worker.asked.at(-1)]).toEqual([[1, 2], 'reopen']);
    tell(worker, running);
    await settle();
    expect(sentence()).toMatch(/^Ready/);
    expect(document.activeElement).toBe(button('Stop sharing'));
  });

  it.each<[string, () => Promise<PermissionState>]>([
    ['says no', async () => 'denied'],
    ['closes the question', async () => 'prompt'],
    ['cannot be asked', () => Promise.reject(new DOMException('no gesture', 'SecurityError'))],
  ])('[LB5] whoever %s may be asked again, or choose the file', async (_what, answer) => {
    const { worker } = await made(needsPermission);
    worker.handles = [handleThat(answer), handleThat(async () => 'granted')];
    await person.click(button('Allow'));
    await settle();
    flushSync();
    expect(sentence()).toMatch(/not allowed to read.*Press Allow to be asked again, or choose/);
    expect(worker.asked).not.toContain('reopen');
    expect(pressed()).toContain('Allow');
    await person.upload(screen.getByLabelText('Choose the file again'), new File(['12345'], 'a.txt'));
    await settle();
    expect(worker.asked.at(-1)).toBe('provide');
  });

  it.each([
    ['gone', /cannot be read where they were.*Choose them again/],
    ['changed', /has been changed since.*new link/],
    ['other-files', /not where they were.*Choose them again/],
  ] as const)('[LB5] one whose files are %s says so and asks for them', async (filesMissing, says) => {
    await made({ ...needsPermission, filesMissing });
    expect(sentence()).toMatch(says);
    expect(screen.getByLabelText('Choose the file again')).toBeTruthy();
    expect(pressed()).toEqual(['Copy link', 'Remove']);
  });

  it('[LB4] files that were shared before have the same link, and may have a new one', async () => {
    const worker = new FakeWorker();
    worker.before = id;
    const transfers = worker.transfers();
    await transfers.share(chosen('a.txt'));
    render(Share, { transfers, infoHash: id });
    tell(worker, running);
    expect(screen.getByText('You have shared this before: same link.')).toBeTruthy();
    worker.request = null;
    await person.click(button('Make a new link'));
    await settle();
    worker.answer({ kind: 'shared', infoHash: idOf('b') });
    await settle();
    flushSync();
    expect(screen.queryByText(/shared this before/)).toBeNull();
  });

  it('[WK1] one whose worker broke has nothing but a way back', async () => {
    const { worker } = await made();
    worker.page?.workerBroke('out of order');
    flushSync();
    expect(sentence()).toMatch(/everything was stopped/);
    expect([pressable(), shareLink(), chooseAgain()]).toEqual([[], null, '#/']);
  });

  it('[UI5] is stopped and started again', async () => {
    const { worker } = await made();
    await person.click(button('Stop sharing'));
    tell(worker, { ...running, phase: 'stopped' });
    await person.click(button('Start sharing'));
    await settle();
    expect(worker.asked.slice(-2)).toEqual(['stop', 'open']);
    expect(worker.about.slice(-2)).toEqual([id, id]);
  });
});

describe('what the sharing page tells', () => {
  it('[UI7] size, who is connected, and how much went out', async () => {
    const { worker } = await made();
    const figures = () => ['Size', 'Connected', 'Speed', 'Uploaded'].map(fact);
    expect(figures()).toEqual(['4.00 MB', '0', '0 bytes/s', '0 bytes']);
    tell(worker, { ...running, peers: peersOf(2, { up: 9 }), up: 1_250_000, uploadedBytes: 9_000_000 });
    expect(figures()).toEqual(['4.00 MB', '2', '1.25 MB/s', '9.00 MB']);
    expect(sentence()).toMatch(/^Sending directly to 2 people/);
  });

  it('[UI19] [UI8] who takes it, how far each is, and what they have of it', async () => {
    const { worker } = await made();
    expect(screen.queryByRole('table')).toBeNull();
    expect(screen.queryByRole('img', { name: /Piece map/ })).toBeNull();
    worker.copies = Uint8Array.of(1, 0, 2, 1);
    const pieces = new Uint8Array(4).fill(2);
    const [one, other] = peersOf(2);
    const peers = [{ ...one!, pieces: 1, up: 1_000 }, other!];
    tell(worker, { ...running, pieces, peers });
    await loaded();
    await settle();
    flushSync();
    expect(rowsOf('Receivers')).toEqual(['Person 1 25 % 1.00 kB/s', 'Person 2 0 % 0 bytes/s']);
    expect(screen.getByRole('img', { name: /3 of 4 pieces are with somebody else/ })).toBeTruthy();
    tell(worker, { ...running, pieces, peers: [{ ...one!, pieces: 4 }, other!], delivered: 1 });
    expect(rowsOf('Receivers')[0]).toBe('Person 1 has it all');
    expect(fact('Delivered')).toBe('1 copy');
    expect(sentence()).toMatch(/^Delivered to 1 person/);
  });

  it('[UI14] its files, and its name on the page and in the title', async () => {
    await made({ manifest: { ...manifestOf([1_000, 2_000]), name: 'a\u202egpj.exe' } });
    expect(screen.getByRole('heading', { level: 2, name: '2 files' })).toBeTruthy();
    expect(screen.getByRole('heading', { level: 1, name: 'a\ufffdgpj.exe' })).toBeTruthy();
    expect(document.title).toBe('a\ufffdgpj.exe – Shoal');
  });
});

describe('the focus on the sharing page', () => {
  it('[UI11] goes from Stop sharing to Start sharing and back', async () => {
    const { worker } = await made();
    button('Stop sharing').focus();
    tell(worker, { ...running, phase: 'stopped' });
    await settle();
    expect(document.activeElement).toBe(button('Start sharing'));
    tell(worker, running);
    await settle();
    expect(document.activeElement).toBe(button('Stop sharing'));
  });

  it('[UI11] is at the heading when the link it was on goes', async () => {
    const { worker } = await made();
    button('Copy link').focus();
    tell(worker, { ...running, trouble: { kind: 'source', why: 'changed' } });
    await settle();
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
  });
});

describe('[LB18] listing a share', () => {
  const box = (): HTMLInputElement =>
    screen.getByRole<HTMLInputElement>('checkbox', { name: 'List publicly' });
  const described = (): string => {
    const said = document.getElementById(box().getAttribute('aria-describedby') ?? '');
    return (said?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
  };

  it('[LB18] is off until the person says so, and says what it means', async () => {
    const { worker } = await made();
    expect([box().checked, described()]).toEqual([
      false,
      'Anyone can find it by its name on this server. It is not listed now.',
    ]);
    await person.click(box());
    expect(worker.listings).toEqual([[id, true]]);
    // The figures tell of it later, and it does not fall back meanwhile.
    expect(box().checked).toBe(true);
    tell(worker, { ...running, listed: 'asked' });
    expect([box().checked, described()]).toEqual([true, expect.stringContaining('as soon as the server')]);
    tell(worker, { ...running, listed: 'listed' });
    expect(described()).toMatch(/It is listed now\.$/);
    await person.click(box());
    expect(worker.listings.at(-1)).toEqual([id, false]);
    expect(box().checked).toBe(false);
    // Another tab has switched it on again.
    tell(worker, { ...running, listed: 'no' });
    tell(worker, { ...running, listed: 'asked' });
    expect(box().checked).toBe(true);
  });

  it('[LB18] a switch that is refused falls back', async () => {
    const { worker } = await made();
    worker.listOutcome = 'not-open';
    await person.click(box());
    await settle();
    expect(box().checked).toBe(false);
  });

  it('[LB18] says why it is not, beside the one sentence of the page', async () => {
    await made({ listed: 'name-not-listable' });
    expect([box().checked, described()]).toEqual([
      true,
      expect.stringContaining('Share it under a plain name'),
    ]);
    expect(sentence()).toMatch(/^Ready\./);
  });

  it('[LB18] can be switched while it is stopped', async () => {
    await made({ phase: 'stopped', listed: 'asked' });
    expect(described()).toMatch(/listed again when you share it again\.$/);
  });

  it('[LB18] a share of somebody else has no such switch', async () => {
    await made({ role: 'receiving' });
    expect(screen.queryByRole('checkbox', { name: 'List publicly' })).toBeNull();
  });
});

describe('[UI26] the ways to pass it on', () => {
  it('[UI26] stand beneath the link, and go with it', async () => {
    const { worker } = await made({});
    expect(pressable().filter((name) => WAYS.includes(name))).toEqual(WAYS);
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Magnet text' }).value).toMatch(/^magnet:/);
    tell(worker, { phase: 'stopped' });
    expect(screen.queryByRole('textbox', { name: 'Magnet text' })).toBeNull();
  });
});
