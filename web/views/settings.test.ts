// @vitest-environment happy-dom
import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UNDO_MS } from '../state/kept.svelte.ts';
import { REFUSED_SENTENCE } from '../state/settings-sentences.ts';
import { idOf } from '../state/transfer.fixture.ts';
import { FakeWorker, settle } from '../testing/fake-worker.ts';
import { button, fact, person, render, screen, tell, within } from '../testing/shown.ts';
import { PageTheme } from '../state/theme.ts';
import type { LibraryEntry } from '../worker/contract.ts';
import Settings from './Settings.svelte';

const [A, B, C] = [idOf('a'), idOf('b'), idOf('c')];
const CAME = Date.UTC(2026, 2, 5, 12);

function entryOf(infoHash: LibraryEntry['infoHash'], more: Partial<LibraryEntry> = {}): LibraryEntry {
  return {
    infoHash,
    role: 'receiving',
    intent: 'sharing',
    name: 'film.bin',
    totalBytes: 5_000_000,
    fileCount: 1,
    addedAt: CAME,
    finishedAt: CAME,
    savedAt: CAME,
    ...more,
  };
}

const root = { dataset: {} as DOMStringMap };
const pageTheme = new PageTheme(root, null, 'theme');
let forgotten: string[] = [];
let storage = { isPromised: false, promises: false };

beforeEach(() => {
  forgotten = [];
  storage = { isPromised: false, promises: false };
  vi.stubGlobal('navigator', {
    ...{ userAgent: navigator.userAgent },
    storage: {
      estimate: async () => ({ usage: 7_000_000, quota: 2_000_000_000 }),
      persisted: async () => storage.isPromised,
      persist: async () => (storage.isPromised = storage.promises),
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function shown(
  entries: readonly LibraryEntry[],
  bytes: Readonly<Record<string, [number, number]>> = {},
) {
  const worker = new FakeWorker();
  worker.entries = entries;
  const shares = Object.entries(bytes).map(([key, [all, sharedBytes]]) => ({
    infoHash: key as LibraryEntry['infoHash'],
    bytes: all,
    sharedBytes,
  }));
  worker.stored = { bytes: shares.reduce((sum, share) => sum + share.bytes, 0), shares };
  const transfers = worker.transfers();
  await transfers.start();
  render(Settings, { transfers, theme: pageTheme, forgotten: () => void forgotten.push('anew') });
  await came();
  return { worker, transfers };
}

async function came(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await settle();
  flushSync();
}

/** The cells of each row, with plain spaces. */
function rows(): string[][] {
  const [, body] = within(screen.getByRole('table', { name: 'Storage' })).getAllByRole('rowgroup');
  return within(body ?? document.body)
    .getAllByRole('row')
    .map((row) => [...row.children].map((cell) => (cell.textContent ?? '').replaceAll(/\s+/g, ' ').trim()));
}

const field = (name: string): HTMLInputElement => screen.getByRole('spinbutton', { name });

describe('[AP8] notifications', () => {
  it.each([
    ['refused', 'denied', /does not let this page notify you/, false],
    ['not answered', 'default', /did not answer/, false],
    ['given', 'granted', /Only while you are not looking/, true],
  ])(
    '[AP8] where the permission is %s the box shows what holds, and says why',
    async (_, permission, says, on) => {
      vi.stubGlobal('Notification', { permission, requestPermission: async () => permission });
      const { worker } = await shown([]);
      const box = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Notify when a download finishes' });
      await person.click(box);
      await settle();
      flushSync();
      expect([box.checked, worker.settings.notify]).toEqual([on, on]);
      expect(screen.getByText(says)).toBeDefined();
    },
  );

  it('[AP8] a browser without any says so', async () => {
    await shown([]);
    await person.click(screen.getByRole('checkbox', { name: 'Notify when a download finishes' }));
    await settle();
    expect(screen.getByText(/has no notifications for pages/)).toBeDefined();
  });
});

describe('[UI16] what is kept', () => {
  it('[UI16] lists each share with what it takes, how it stands and when it came', async () => {
    await shown(
      [
        entryOf(A),
        entryOf(B, { role: 'sharing', name: 'Ours', intent: 'sharing', savedAt: null }),
        entryOf(C, { name: '', finishedAt: null, savedAt: null, intent: 'paused' }),
      ],
      { [A]: [5_000_000, 1_000_000], [C]: [30_000, 0] },
    );
    expect(rows().map((cells) => cells.slice(0, 4))).toEqual([
      ['film.bin', '5.00 MB 1.00 MB of it in other shares, too', 'saved', 'Mar 5, 2026'],
      ['Ours', '0 bytes', 'needs its files again', 'Mar 5, 2026'],
      ['A share without a name', '30.0 kB', 'paused', 'Mar 5, 2026'],
    ]);
    expect(screen.getByRole('link', { name: 'film.bin' }).getAttribute('href')).toMatch(/^#[\w-]{43}$/);
    expect(screen.getByRole('link', { name: 'Ours' }).getAttribute('href')).toMatch(/^#\/share\//);
    expect([fact('All shares'), fact('Whole site'), fact('Allowed')]).toEqual([
      '5.03 MB',
      '7.00 MB',
      '2.00 GB',
    ]);
    expect(document.title).toBe('Settings – Shoal');
  });

  it('[UI16] lists what takes room although nothing else is known of it, to be removed', async () => {
    const { worker } = await shown([], { [A]: [2_000, 0] });
    expect(rows()[0]?.slice(0, 4)).toEqual(['A share without a name', '2.00 kB', '', '']);
    expect(screen.queryByRole('button', { name: /^Keep/ })).toBeNull();
    vi.useFakeTimers();
    button('Remove A share without a name').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(worker.asked).toContain('remove');
  });

  it('[UI16] says so when nothing is kept', async () => {
    await shown([]);
    expect(screen.queryByRole('table')).toBeNull();
    expect(screen.getByText(/Nothing is kept in this browser yet/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Remove finished' })).toBeNull();
  });

  it('[UI16] a hundred rows are there', async () => {
    const ids = Array.from({ length: 100 }, (_, nth) => nth.toString(16).padStart(2, '0').repeat(32));
    await shown(ids.map((infoHash) => entryOf(infoHash as LibraryEntry['infoHash'])));
    expect(rows()).toHaveLength(100);
  });

  it('[LB9] pins, and says so', async () => {
    const { worker } = await shown([entryOf(A)]);
    expect(button('Keep film.bin').getAttribute('aria-pressed')).toBe('false');
    await person.click(button('Keep film.bin'));
    await came();
    expect(button('Keep film.bin').getAttribute('aria-pressed')).toBe('true');
    expect(worker.entries[0]?.pinned).toBe(true);
  });

  it('[UI16] removes one after ten seconds, unless that is taken back', async () => {
    const { worker } = await shown([entryOf(A)]);
    vi.useFakeTimers();
    button('Remove film.bin').click();
    flushSync();
    button('Undo film.bin').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(worker.asked).not.toContain('remove');
    button('Remove film.bin').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(worker.asked).toContain('remove');
  });

  it('[UI11] what was removed has the way back under the hand, and gives its place to the next row', async () => {
    const { worker } = await shown([entryOf(A), entryOf(idOf('b'), { name: 'other.bin' })]);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await person.click(button('Remove film.bin'));
    expect(document.activeElement).toBe(button('Undo film.bin'));
    await person.click(button('Undo film.bin'));
    expect(document.activeElement).toBe(button('Remove film.bin'));
    await person.click(button('Remove film.bin'));
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    vi.useRealTimers();
    await came();
    expect(worker.entries).toHaveLength(1);
    expect(rows()).toHaveLength(1);
    expect(screen.getByRole('table', { name: 'Storage' }).contains(document.activeElement)).toBe(true);
  });

  it('[UI16] Remove finished takes what is finished, and nothing that is unsaved, pinned, running or live', async () => {
    const names = ['done', 'unsaved', 'pinned', 'running', 'live', 'stopped'];
    const changes: Partial<LibraryEntry>[] = [
      {},
      { savedAt: null },
      { pinned: true },
      {},
      { role: 'sharing', savedAt: null },
      { role: 'sharing', intent: 'stopped', savedAt: null },
    ];
    const entries = names.map((name, nth) => entryOf(idOf(String(nth)), { name, ...changes[nth] }));
    const { worker } = await shown(entries);
    tell(worker, { infoHash: idOf('3'), phase: 'downloading' });
    await came();
    vi.useFakeTimers();
    button('Remove finished').click();
    flushSync();
    const leaving = rows().flatMap(([name, , state]) => (state === 'removed' ? [name] : []));
    expect(leaving).toEqual(['done', 'stopped']);
    button('Undo all').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(worker.asked).not.toContain('remove');
    button('Remove finished').click();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(worker.asked.filter((verb) => verb === 'remove')).toHaveLength(2);
  });
});

describe('[UI16] the browser’s promise', () => {
  it('[UI16] can be asked for, and may be given', async () => {
    await shown([]);
    expect(screen.getByText(/may clear this away/)).toBeTruthy();
    storage.promises = true;
    await person.click(button('Ask the browser'));
    await came();
    expect(screen.getByText(/has promised to keep this/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Ask the browser' })).toBeNull();
  });

  it('[UI16] or refused, which is said', async () => {
    await shown([]);
    await person.click(button('Ask the browser'));
    await came();
    expect(screen.getByText(REFUSED_SENTENCE)).toBeTruthy();
  });

  it('[UI16] is not known where the browser says nothing', async () => {
    vi.stubGlobal('navigator', {});
    await shown([]);
    expect(screen.getByText(/does not say whether/)).toBeTruthy();
    expect(screen.queryByText('Allowed')).toBeNull();
  });
});

describe('[LB9] the rules of the clean-up', () => {
  it('[LB9] are off at first, are set in days and gigabytes, and taken away when a field is emptied', async () => {
    const { worker } = await shown([]);
    expect([field('Keep finished shares (days)').value, field('Storage limit (GB)').value]).toEqual(['', '']);
    await person.type(field('Keep finished shares (days)'), '30');
    await person.type(field('Storage limit (GB)'), '2.5');
    await person.tab();
    await came();
    expect(worker.settings).toMatchObject({ keepDays: 30, mostBytes: 2_500_000_000 });
    await person.clear(field('Storage limit (GB)'));
    await person.tab();
    await came();
    expect(worker.settings).toMatchObject({ keepDays: 30, mostBytes: null });
    expect(screen.getByRole('status').textContent).toBe('Saved.');
  });

  it('[UI16] what another tab has changed is there when this one is looked at again', async () => {
    const { worker } = await shown([]);
    worker.settings = { ...worker.settings, keepDays: 7, keepSmallCopies: false };
    worker.stored = { bytes: 3_000_000, shares: [] };
    document.dispatchEvent(new Event('visibilitychange'));
    await came();
    expect(field('Keep finished shares (days)').value).toBe('7');
    expect(screen.getByRole('checkbox', { name: 'Keep a copy of small files' })).toHaveProperty(
      'checked',
      false,
    );
    expect(screen.getByText(/^3\.00\sMB$/)).toBeTruthy();
  });

  it('[UI16] the copy of small files is a switch', async () => {
    const { worker } = await shown([]);
    await person.click(screen.getByRole('checkbox', { name: 'Keep a copy of small files' }));
    await came();
    expect(worker.settings.keepSmallCopies).toBe(false);
  });
});

describe('[UI21] how transfers run and what the page looks like', () => {
  it('[LB14] takes limits in kB/s, and shows what holds', async () => {
    const { worker } = await shown([]);
    const type = async (name: string, text: string): Promise<void> => {
      await person.clear(field(name));
      if (text !== '') await person.type(field(name), text);
      await person.tab();
      await came();
    };
    await type('Upload limit', '250');
    await type('Download limit', '1.5');
    await type('Peers per share', '12');
    expect(worker.settings).toMatchObject({ upLimit: 250_000, downLimit: 1_500, peersPerShare: 12 });
    await type('Upload limit', '');
    expect(worker.settings.upLimit).toBeNull();
    worker.refuses = true;
    await type('Peers per share', '-3');
    expect([worker.settings.peersPerShare, field('Peers per share').value]).toEqual([12, '12']);
  });

  it('switches sharing on, relays and the log, and changes the theme at once', async () => {
    const { worker } = await shown([]);
    const check = (name: string) => screen.getByRole('checkbox', { name });
    await person.click(check('Keep sharing after a download'));
    await person.click(check('Relay only'));
    await person.selectOptions(screen.getByRole('combobox', { name: 'Log level' }), 'Errors');
    await person.selectOptions(screen.getByRole('combobox', { name: 'Theme' }), 'Dark');
    await came();
    expect(worker.settings).toMatchObject({ keepSharing: false, relayOnly: true, logLevel: 'errors' });
    expect([worker.settings.theme, root.dataset['theme']]).toEqual(['dark', 'dark']);
  });

  it('[LB16] forgets everything once that is said twice, and says where the browser does not', async () => {
    const { worker } = await shown([]);
    await person.click(button('Forget everything'));
    await person.click(button('Keep it'));
    await person.click(button('Forget everything'));
    expect(worker.asked).not.toContain('forgetEverything');
    worker.forgets = 'not-forgotten';
    await person.click(button('Yes, forget everything'));
    await came();
    expect(screen.getByRole('alert').textContent).toMatch(/Close the other tabs/);
    expect(forgotten).toEqual([]);
    worker.forgets = 'forgotten';
    await person.click(button('Forget everything'));
    await person.click(button('Yes, forget everything'));
    await came();
    expect(forgotten).toEqual(['anew']);
  });
});
