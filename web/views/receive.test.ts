// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { UNDO_MS } from '../state/kept.svelte.ts';
import type { Transfer } from '../state/session.ts';
import { idOf, manifestOf, peersOf } from '../state/transfer.fixture.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, fact, loaded, person, pressable, render, screen, sentence, tell } from '../testing/shown.ts';
import Receive from './Receive.svelte';

const id = idOf('a');
const manifest = manifestOf([4_000_000]);
const several = manifestOf([1_000_000, 2_000_000]);
const whole = { manifest, receivedBytes: 4_000_000, storedBytes: 4_000_000, savable: true } as const;

/** The page of a share, once the worker has told this much of it; null: nothing yet. */
async function opened(changes: Partial<Transfer> | null = {}) {
  const worker = new FakeWorker();
  const transfers = worker.transfers();
  const view = render(Receive, { transfers, infoHash: id });
  await settle();
  if (changes !== null) tell(worker, changes);
  await loaded();
  return { worker, transfers, view };
}

describe('what can be pressed on the receiving page', () => {
  it.each<[string, Partial<Transfer> | null, string[]]>([
    ['nothing is known', null, []],
    ['it looks for somebody', { phase: 'looking' }, []],
    ['it is ready', { phase: 'ready', manifest }, ['Download']],
    ['it downloads', { phase: 'downloading', manifest }, ['Pause', 'Cancel']],
    ['it is paused', { phase: 'paused', manifest }, ['Resume', 'Cancel']],
    [
      'it failed',
      { phase: 'failed', manifest, trouble: { kind: 'store', why: 'unavailable' } },
      ['Resume', 'Cancel'],
    ],
    ['there is no room for it', { phase: 'full', manifest }, ['Pause', 'Cancel']],
    ['it is complete', { phase: 'complete', ...whole }, ['Save', 'Stop sharing', 'Remove']],
    [
      'it is complete, and is elsewhere on this disk',
      { phase: 'complete', ...whole, savable: false },
      ['Stop sharing', 'Remove'],
    ],
    ['it was stopped on the way', { phase: 'stopped', manifest }, ['Start sharing', 'Remove']],
    [
      'it was stopped when it was complete',
      { phase: 'stopped', ...whole },
      ['Save', 'Start sharing', 'Remove'],
    ],
  ])('[UI5] when %s', async (_when, changes, names) => {
    await opened(changes);
    expect(pressable()).toEqual(names);
    expect(sentence()).toMatch(/\.$/);
  });

  it.each<[string, Partial<Transfer>, string[]]>([
    ['Download', { phase: 'ready', manifest }, ['keep', 'download']],
    ['Pause', { phase: 'downloading', manifest }, ['pause']],
    ['Resume', { phase: 'paused', manifest }, ['keep', 'download']],
    ['Resume', { phase: 'failed', manifest }, ['keep', 'download']],
    ['Stop sharing', { phase: 'complete', ...whole }, ['stop']],
    ['Start sharing', { phase: 'stopped', manifest }, ['open']],
  ])('[UI5] %s asks the worker once, about this share: %o', async (name, changes, asked) => {
    const { worker } = await opened(changes);
    tell(worker, { infoHash: idOf('b'), phase: 'ready' });
    worker.asked.length = worker.about.length = 0;
    await person.click(button(name));
    await settle();
    expect(worker.asked).toEqual(asked);
    expect(worker.about).toEqual([id]);
  });

  it.each<[string, Partial<Transfer>]>([
    ['on the way', { phase: 'failed', manifest }],
    ['when it was here', { phase: 'failed', ...whole }],
  ])(
    '[WK1] nothing of a share that a fault of ours stopped %s, and the others are said to go on',
    async (_, changes) => {
      await opened({ ...changes, trouble: { kind: 'broken' } });
      expect(pressable()).toEqual([]);
      expect(sentence()).toMatch(/this share was stopped.*Everything else continues/);
    },
  );

  it('[WK1] [UI4] nothing once the worker broke, which outweighs what was so before', async () => {
    const { worker } = await opened({ phase: 'complete', ...whole });
    worker.page?.workerBroke('out of order');
    flushSync();
    expect(pressable()).toEqual([]);
    expect(sentence()).toMatch(/everything was stopped.*reload/);
  });
});

describe('what it takes in this browser', () => {
  it('[UI16] is said of a share that is stopped, with its removal and ten seconds to take that back', async () => {
    const worker = new FakeWorker();
    worker.stored = { bytes: 4_000_000, shares: [{ infoHash: id, bytes: 4_000_000, sharedBytes: 30_000 }] };
    const transfers = worker.transfers();
    await transfers.start();
    tell(worker, { phase: 'stopped', ...whole });
    render(Receive, { transfers, infoHash: id });
    await loaded();
    await settle();
    flushSync();
    expect(
      screen.getByText(/Photos takes 4\.00\sMB in this browser\. Other shares have 30\.0\skB of it, too/),
    ).toBeTruthy();
    vi.useFakeTimers();
    button('Remove').click();
    flushSync();
    button('Undo').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    flushSync();
    expect(worker.asked).not.toContain('remove');
    button('Remove').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    vi.useRealTimers();
    expect(worker.asked).toContain('remove');
  });

  it('[UI17] a share without room leads to where room is made', async () => {
    await opened({ phase: 'full', manifest });
    expect(screen.getByRole('link', { name: 'Make room' }).getAttribute('href')).toBe('#/settings');
  });
});

describe('opening a link', () => {
  it('[UI5] joins at once, once, and loads nothing', async () => {
    const { worker } = await opened(null);
    expect(worker.asked).toEqual(['opened', 'join']);
    tell(worker, { phase: 'ready', manifest });
    tell(worker, { phase: 'ready', manifest, senders: 1 });
    await settle();
    expect(worker.asked).toEqual(['opened', 'join']);
  });

  it('[UI5] lets a share be that was stopped in this tab', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    tell(worker, { phase: 'stopped', manifest });
    render(Receive, { transfers, infoHash: id });
    await settle();
    expect(worker.asked).toEqual(['opened']);
    expect(pressable()).toEqual(['Start sharing', 'Remove']);
  });

  it('[UI4] shows that something is shared before anybody tells what: no figure, no file', async () => {
    await opened(null);
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Something is shared with you');
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.queryByRole('progressbar')).toBeNull();
    expect(screen.queryByRole('heading', { level: 2 })).toBeNull();
    expect(document.title).toBe('Something is shared with you – Shoal');
  });

  it('[WK1] says that a link could not be opened by a fault of ours, though nothing is known of it', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    worker.refusing = 'out of order';
    const { error } = console;
    console.error = () => undefined;
    render(Receive, { transfers, infoHash: id });
    await settle();
    console.error = error;
    flushSync();
    expect(sentence()).toMatch(/this share was stopped.*Everything else continues/);
    expect(pressable()).toEqual([]);
  });
});

describe('the figures of the receiving page', () => {
  it('[UI7] follow the snapshots, in the bar, beside it and in the title', async () => {
    const { worker } = await opened({ phase: 'downloading', manifest, down: 500_000, eta: 60 });
    const bar = screen.getByRole('progressbar', { name: 'Download progress' });
    expect(bar.getAttribute('aria-valuenow')).toBe('0');
    tell(worker, { phase: 'downloading', manifest, receivedBytes: 1_500_000, down: 500_000, eta: 5 });
    expect(bar.getAttribute('aria-valuenow')).toBe('37');
    expect(screen.getByText('37 %')).toBeTruthy();
    expect(screen.getByText('1.50 MB of 4.00 MB')).toBeTruthy();
    expect([fact('Speed'), fact('Time left')]).toEqual(['500 kB/s', '5 seconds']);
    expect(document.title).toBe('37 % of Photos – Shoal');
    tell(worker, { phase: 'paused', manifest, receivedBytes: 1_500_000 });
    expect([fact('Speed'), fact('Time left')]).toEqual(['–', '–']);
    expect(document.title).toBe('Photos – Shoal');
  });

  it('[UI7] [UI5] are not whole, and nothing can be saved, before the last piece is stored', async () => {
    const nearly = { ...whole, storedBytes: 3_999_999, receivedBytes: 4_100_000 };
    await opened({ phase: 'downloading', ...nearly });
    expect(screen.getByText('99 %')).toBeTruthy();
    // A block that came twice is no part of the file.
    expect(screen.getByText('4.00 MB of 4.00 MB')).toBeTruthy();
    expect(pressable()).toEqual(['Pause', 'Cancel']);
  });

  it('[EN6] count people, not tabs and not ourselves', async () => {
    const [other, tab] = [peersOf(1), peersOf(1, { own: true })];
    await opened({ phase: 'ready', manifest, peers: [...other, ...other, ...tab], senders: 1 });
    expect(fact('Others online')).toBe('1');
    expect(sentence()).toMatch(/Ready to download from 1 person/);
  });
});

describe('saving on the receiving page', () => {
  const complete = { phase: 'complete', ...whole, manifest: several, totalBytes: 4_000_000 } as const;

  it('[UI5] [UI11] says how far it is; Save keeps the focus while it works, says so, and does nothing twice', async () => {
    const { worker } = await opened(complete);
    const save = button('Save');
    let answer: () => void = () => undefined;
    worker.saveAnswer = new Promise((resolve) => (answer = resolve));
    await person.click(save);
    await person.keyboard('{Enter}');
    await settle();
    expect(worker.saves).toHaveLength(1);
    expect(save.getAttribute('aria-disabled')).toBe('true');
    expect(document.activeElement).toBe(save);
    expect(sentence()).toMatch(/Saving it to your downloads/);
    answer();
    await settle();
    flushSync();
    expect(save.getAttribute('aria-disabled')).toBe('false');
    worker.saves[0]?.ended({ kind: 'saved' });
    flushSync();
    expect(sentence()).toMatch(/^Saved to your downloads/);
    await person.click(save);
    await settle();
    expect(worker.saves).toHaveLength(2);
  });

  it('[UI4] [UI5] says why it could not be saved, and Save tries again', async () => {
    const { worker } = await opened(complete);
    worker.saveOutcome = { kind: 'failed', why: 'there is no room' };
    await person.click(button('Save'));
    await settle();
    flushSync();
    expect(sentence()).toMatch(/could not be saved: there is no room\. Press Save/);
    worker.saveOutcome = { kind: 'started' };
    await person.click(button('Save'));
    await settle();
    flushSync();
    expect(sentence()).toMatch(/Saving it/);
  });

  it('[UI5] happens by itself when one plain file has just come', async () => {
    const { worker } = await opened({ phase: 'downloading', manifest });
    tell(worker, { phase: 'complete', ...whole, saveDue: true });
    await settle();
    expect(worker.saves.map(({ transfer }) => transfer.infoHash)).toEqual([id]);
  });
});

describe('what is in a share', () => {
  it('[UI14] [MF6] the comment stands under its heading with its lines, and nothing in it turns the text around', async () => {
    const comment = 'First line\r\nsecond\u202egpj.exe';
    await opened({ phase: 'ready', manifest: { ...manifest, comment } });
    const text = screen.getByRole('heading', { level: 2, name: 'Comment' }).nextElementSibling;
    expect(text?.textContent).toBe('First line\nsecond\ufffdgpj.exe');
  });

  it('[UI14] no comment has no heading', async () => {
    await opened({ phase: 'ready', manifest });
    expect(screen.queryByRole('heading', { name: 'Comment' })).toBeNull();
  });

  it('[UI5] name, size and files are told before anything is loaded', async () => {
    await opened({ phase: 'ready', manifest: several });
    expect(screen.getByRole('heading', { level: 1, name: 'Photos' })).toBeTruthy();
    expect([fact('Size'), fact('Files')]).toEqual(['3.00 MB', '2']);
    expect(screen.getByRole('heading', { level: 2, name: '2 files' })).toBeTruthy();
  });

  it('[UI25] Download waits until a file is chosen, and the page says so', async () => {
    const worker = new FakeWorker();
    worker.rows = several.files.map(({ path, size }) => ({ path, size, storedBytes: 0, wanted: true }));
    render(Receive, { transfers: worker.transfers(), infoHash: id });
    await settle();
    tell(worker, { phase: 'ready', manifest: several });
    await loaded();
    await settle();
    flushSync();
    await person.click(button('Select none'));
    await settle();
    expect(sentence()).toMatch(/^No file is chosen/);
    await person.click(button('Download'));
    expect(worker.asked).not.toContain('download');
    await person.click(screen.getByRole('checkbox', { name: '1.jpg' }));
    await settle();
    await person.click(button('Download'));
    expect([worker.chosen, worker.asked.includes('download')]).toEqual([[1], true]);
  });

  it('[UI14] a push of figures touches no row of a file', async () => {
    let read = 0;
    const files = new Proxy(several.files, {
      get: (list, key, self) => {
        read++;
        return Reflect.get(list, key, self) as unknown;
      },
    });
    const watched = { ...several, files };
    const { worker } = await opened({ phase: 'downloading', manifest: watched });
    read = 0;
    tell(worker, { phase: 'downloading', totalBytes: 3_000_000, receivedBytes: 1_000 });
    expect(screen.getByText(/1.00.kB of/)).toBeTruthy();
    expect(read).toBeLessThan(5);
  });
});

describe('[UI18] cancelling on the receiving page', () => {
  const running = { phase: 'downloading', manifest, receivedBytes: 1_000_000 } as const;
  const paused = { ...running, phase: 'paused' } as const;

  /** Cancels what runs; the clock stands still. */
  async function cancelled() {
    const page = await opened(running);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    page.worker.asked.length = 0;
    button('Cancel').focus();
    button('Cancel').click();
    await settle();
    tell(page.worker, paused);
    return page;
  }
  afterEach(() => void vi.useRealTimers());

  it('stops at once, and takes nothing away for ten seconds', async () => {
    const { worker } = await cancelled();
    expect(worker.asked).toEqual(['pause']);
    expect(sentence()).toBe(
      'Cancelled. The 1.00 MB that had arrived will be removed in a moment. To keep the download, press Undo.'.replace(
        '1.00 MB',
        '1.00\u00a0MB',
      ),
    );
    expect(pressable()).toEqual(['Undo']);
    expect(document.activeElement).toBe(button('Undo'));
    await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
    expect(worker.asked).not.toContain('remove');
  });

  it('is taken back by Undo: what ran goes on', async () => {
    const { worker } = await cancelled();
    button('Undo').click();
    await settle();
    flushSync();
    await vi.advanceTimersByTimeAsync(2 * UNDO_MS);
    expect(worker.asked).toEqual(['pause', 'keep', 'download']);
    expect(pressable()).toEqual(['Resume', 'Cancel']);
  });

  it('leaves what was paused paused when it is taken back', async () => {
    const { worker } = await opened(paused);
    await person.click(button('Cancel'));
    await person.click(button('Undo'));
    await settle();
    expect(worker.asked).not.toContain('download');
  });

  it('removes it when nobody thought better of it, and joins afresh', async () => {
    const { worker } = await cancelled();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    await settle();
    flushSync();
    await settle();
    expect(worker.asked.slice(0, 2)).toEqual(['pause', 'remove']);
    expect(worker.asked.at(-1)).toBe('join');
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
    tell(worker, { phase: 'ready', manifest });
    await settle();
    expect(pressable()).toEqual(['Download']);
    expect(document.activeElement).toBe(button('Download'));
  });

  it('saves nothing that was whole just then, unless it is taken back', async () => {
    const { worker } = await cancelled();
    tell(worker, { phase: 'complete', ...whole, saveDue: true });
    await settle();
    expect([worker.saves.length, pressable()]).toEqual([0, ['Undo']]);
    button('Undo').click();
    await settle();
    expect(worker.saves).toHaveLength(1);
  });
});

describe('the focus on the receiving page', () => {
  it('[UI11] goes from each button to the one in its place', async () => {
    const { worker } = await opened({ phase: 'ready', manifest });
    const steps: [string, Partial<Transfer>, string][] = [
      ['Download', { phase: 'downloading', manifest }, 'Pause'],
      ['Pause', { phase: 'paused', manifest }, 'Resume'],
      ['Resume', { phase: 'downloading', manifest }, 'Pause'],
      ['Pause', { phase: 'complete', ...whole }, 'Save'],
      ['Stop sharing', { phase: 'stopped', ...whole }, 'Start sharing'],
    ];
    for (const [pressed, then, next] of steps) {
      button(pressed).focus();
      tell(worker, then);
      await settle();
      expect(document.activeElement, pressed).toBe(button(next));
    }
  });

  it('[UI11] waits at the heading while there is no button', async () => {
    const { worker } = await opened({ phase: 'stopped', manifest });
    button('Start sharing').focus();
    tell(worker, { phase: 'looking' });
    await settle();
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
    tell(worker, { phase: 'ready', manifest });
    await settle();
    expect(document.activeElement).toBe(button('Download'));
  });
});

describe('[UI29] keep sharing it?', () => {
  async function saved() {
    const { worker } = await opened({ phase: 'complete', ...whole, saved: true });
    await loaded();
    await settle();
    flushSync();
    return worker;
  }

  it.each([
    ['Yes, keep sharing', true, []],
    ['No', false, ['stop']],
  ])('[UI29] %s is remembered, and nobody is asked again', async (answer, keepSharing, asked) => {
    const worker = await saved();
    worker.asked.length = 0;
    await person.click(button(answer));
    await settle();
    flushSync();
    expect([worker.settings.keepSharing, worker.asked]).toEqual([keepSharing, asked]);
    expect(screen.queryByText(/^Keep sharing it\?/)).toBeNull();
    expect(screen.getByText(/^Remembered for all downloads/)).toBeDefined();
  });

  it.each<[string, () => EventTarget, string]>([
    ['it is looked at', () => document, 'visibilitychange'],
    ['the person turns to its window', () => window, 'focus'],
  ])('[UI29] what was answered in another tab is asked no more when %s', async (_, target, event) => {
    const worker = await saved();
    worker.settings = { ...worker.settings, keepSharing: true };
    expect(button('Yes, keep sharing')).toBeDefined();
    target().dispatchEvent(new Event(event));
    await settle();
    flushSync();
    expect(screen.queryByText(/^Keep sharing it\?/)).toBeNull();
  });

  it('[UI29] is not asked before it was saved, nor of who has answered', async () => {
    await opened({ phase: 'complete', ...whole });
    await settle();
    expect(screen.queryByText(/^Keep sharing it\?/)).toBeNull();
  });
});
