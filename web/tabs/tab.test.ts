/** What the tabs of one browser are together: one peer, whoever of them owns it. */
import { describe, expect, test } from 'vitest';
import type { FetchOutcome } from '../state/session.ts';
import { FakeBrowser } from '../testing/fake-tabs.ts';
import type { FakeTab } from '../testing/fake-tabs.ts';
import { chosen, settle } from '../testing/fake-worker.ts';
import { idOf, manifestOf, transferOf } from '../state/transfer.fixture.ts';

const SHARE = idOf('a');
const OTHER = idOf('b');
const REQUEST = {
  files: chosen('a.txt').files,
  ...{ folders: [], name: 'a.txt', comment: '', pieceBytes: null, salted: true },
  ...{ trackerHost: 'localhost', trackerPort: '8000' },
};

async function twoTabs(): Promise<{ browser: FakeBrowser; first: FakeTab; second: FakeTab }> {
  const browser = new FakeBrowser();
  const first = await browser.open('first');
  return { browser, first, second: await browser.open('second') };
}

/** Shares from `tab`, by whoever owns the peer. */
async function shared(tab: FakeTab, owner: FakeTab): Promise<unknown> {
  const sharing = tab.tab.session.share(REQUEST, (progress) => tab.told.push(['progress', progress]));
  await settle();
  owner.worker.progress(3);
  await settle();
  owner.worker.answer({ kind: 'shared', infoHash: SHARE });
  return sharing;
}

/** As long as nobody answers, and once more. */
async function watched(tab: FakeTab, times = 4): Promise<void> {
  for (let time = 0; time < times; time++) {
    tab.tab.watch();
    await settle();
  }
}

describe('[TB1] the tabs of a browser', () => {
  test('have one worker, that of the first', async () => {
    const { first, second } = await twoTabs();
    expect([first.workers.length, second.workers.length]).toEqual([1, 0]);
    await first.tab.count();
    await second.tab.count();
    expect([first.place, second.place]).toEqual([
      { owner: true, alone: false },
      { owner: false, alone: false },
    ]);
  });

  test.each([[null], ['text'], [{}], [{ kind: 'here' }], [{ from: 1 }]])(
    'hear nothing in %j, which is not theirs',
    async (said) => {
      const { first, second } = await twoTabs();
      const [before, workers] = [second.told.length, first.worker.asked.length];
      for (const { tab } of [first, second]) tab.heard(said);
      await settle();
      expect([second.told.length, first.worker.asked.length]).toEqual([before, workers]);
    },
  );

  test('say who is alone', async () => {
    const { first, second } = await twoTabs();
    await second.goes();
    await first.tab.count();
    expect(first.place).toEqual({ owner: true, alone: true });
  });
});

describe('[TB2] a tab that does not own the peer', () => {
  test('asks the one that does, and has its answers', async () => {
    const { first, second } = await twoTabs();
    first.worker.entries = [];
    await second.tab.session.download(SHARE);
    expect(first.worker.asked).toEqual(['opened', 'download']);
    expect(await second.tab.session.library()).toEqual([]);
    expect(await second.tab.session.savedByItself(SHARE)).toBe(true);
  });

  test('is told of a fault as whoever asks the worker itself', async () => {
    const { first, second } = await twoTabs();
    first.worker.refusing = 'no room for it';
    await expect(second.tab.session.open(SHARE)).rejects.toThrow('no room for it');
  });

  test('is told everything that is so when it comes, and everything that happens then', async () => {
    const browser = new FakeBrowser();
    const first = await browser.open('first');
    const pieces = new Uint8Array([2, 0]);
    first.worker.push({ manifest: manifestOf([5]), pieces });
    first.worker.page?.snapshotsTaken([{ ...transferOf({ storedBytes: 5 }), pieces: null }]);
    const second = await browser.open('second');
    expect(second.told).toEqual([
      ['began'],
      ['manifest', SHARE, manifestOf([5])],
      ['snapshots', [expect.objectContaining({ infoHash: SHARE, storedBytes: 5, pieces })]],
    ]);
    first.worker.page?.removed(SHARE);
    first.worker.page?.serverAway();
    await settle();
    expect(second.told.slice(3)).toEqual([['removed', SHARE], ['away']]);
    const third = await browser.open('third');
    expect(third.told).toEqual([['away'], ['snapshots', []]]);
  });

  test('[WS40] loads from a web address, hears how far that is, and what it became, also when it comes later', async () => {
    const { browser, first, second } = await twoTabs();
    let answer: (outcome: FetchOutcome) => void = () => undefined;
    first.worker.fetchOutcome = new Promise((resolve) => (answer = resolve));
    const progress: unknown[] = [];
    const told = second.tab.session.fetchUrl('https://files.example/a', (step) => progress.push(step));
    await settle();
    first.worker.streamed({ receivedBytes: 7, totalBytes: null });
    answer({ kind: 'begun', infoHash: SHARE });
    expect(await told).toEqual({ kind: 'begun', infoHash: SHARE });
    expect(first.worker.fetched).toEqual(['https://files.example/a']);
    expect(progress).toEqual([{ receivedBytes: 7, totalBytes: null }]);
    first.worker.page?.fileChanged(SHARE, 'begins');
    first.worker.page?.becameShare(SHARE, OTHER);
    await settle();
    const became = ['became', SHARE, OTHER];
    expect(second.told.slice(-2)).toEqual([['changed', SHARE, 'begins'], became]);
    const third = await browser.open('third');
    expect(third.told.at(-1)).toEqual(became);
  });

  test('shares files, and hears how far that is', async () => {
    const { first, second } = await twoTabs();
    expect(await shared(second, first)).toEqual({ kind: 'shared', infoHash: SHARE });
    expect(first.worker.request?.files[0]?.file).toBe(REQUEST.files[0]?.file);
    expect(second.told).toContainEqual(['progress', { hashedBytes: 3, totalBytes: 5 }]);
  });
});

describe('[TB3] when the owner is gone', () => {
  test('the next one goes on with what was open', async () => {
    const { first, second } = await twoTabs();
    first.worker.push({ infoHash: OTHER, phase: 'downloading' });
    await settle();
    await first.goes();
    expect(second.worker.asked).toEqual(['opened', 'join']);
    expect(second.worker.about).toEqual([OTHER]);
    await second.tab.count();
    expect(second.place).toEqual({ owner: true, alone: true });
  });

  test.each(['first', 'second'] as const)(
    'files that the %s tab shared are given by another, also one that came later',
    async (who) => {
      const { browser, first, second } = await twoTabs();
      await shared(who === 'first' ? first : second, first);
      first.worker.push({ role: 'sharing', phase: 'complete' });
      const third = await browser.open('third');
      await second.goes();
      await first.goes();
      expect(third.worker.asked).toEqual(['opened', 'provide']);
      expect(third.worker.given).toEqual([[SHARE, REQUEST.files, 'sharing']]);
    },
  );

  test('what was stopped stays so, and what was removed is not given', async () => {
    const { first, second } = await twoTabs();
    await shared(first, first);
    first.worker.push({ role: 'sharing', phase: 'stopped' });
    await settle();
    await first.goes();
    expect(second.worker.given).toEqual([[SHARE, REQUEST.files, 'stopped']]);
    const other = await twoTabs();
    await shared(other.first, other.first);
    await other.second.tab.session.remove(SHARE);
    await other.first.goes();
    expect(other.second.worker.asked).toEqual(['opened']);
  });

  test.each(['second', 'third'] as const)(
    'what the %s tab asked of it is asked of the next one',
    async (who) => {
      const { browser, first, second } = await twoTabs();
      const third = await browser.open('third');
      const asking = who === 'second' ? second : third;
      const sharing = asking.tab.session.share(REQUEST, () => undefined);
      await settle();
      await first.goes();
      second.worker.answer({ kind: 'shared', infoHash: SHARE });
      expect(await sharing).toEqual({ kind: 'shared', infoHash: SHARE });
      // Answered once: a later owner is asked for nothing.
      await second.goes();
      expect(third.worker.asked).toEqual(['opened', 'provide']);
    },
  );

  test('a worker that broke is replaced with its tab', async () => {
    const { first, second } = await twoTabs();
    first.worker.page?.workerBroke('a fault');
    await settle();
    await first.goes();
    expect(second.told.filter(([what]) => what === 'broke' || what === 'began')).toEqual([
      ['began'],
      ['broke', 'a fault'],
      ['began'],
    ]);
  });
});

describe('[TB4] an owner that is silent', () => {
  test('loses the peer to a tab that is looked at, and ends its own when it wakes', async () => {
    const { first, second } = await twoTabs();
    first.worker.push({ infoHash: OTHER });
    await settle();
    first.freeze();
    await watched(second);
    expect(second.workers).toHaveLength(1);
    expect(second.worker.about).toEqual([OTHER]);
    expect(first.ended).toBe(0);
    await first.wake();
    expect(first.ended).toBe(1);
    await first.tab.session.pause(OTHER);
    expect(second.worker.asked).toContain('pause');
  });

  test('is believed nothing of what it says after it', async () => {
    const { browser, first, second } = await twoTabs();
    const third = await browser.open('third');
    first.freeze();
    await watched(second);
    const heard = third.told.length;
    first.worker.push({ infoHash: OTHER });
    await settle();
    expect(third.told.slice(heard)).toEqual([]);
    second.worker.push({ infoHash: SHARE });
    await settle();
    expect(third.told.slice(heard)).toEqual([['snapshots', [expect.objectContaining({ infoHash: SHARE })]]]);
  });

  test('is robbed by nobody while it answers, nor by a tab that was not looked at', async () => {
    const { first, second } = await twoTabs();
    await watched(second, 20);
    expect(second.workers).toHaveLength(0);
    first.freeze();
    await watched(second, 3);
    second.tab.unwatched();
    await watched(second, 3);
    expect(second.workers).toHaveLength(0);
  });
});
