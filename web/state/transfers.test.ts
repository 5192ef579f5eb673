import { describe, expect, it, vi } from 'vitest';
import { chosen, FakeWorker, settle } from '../testing/fake-worker.ts';
import type { Transfer } from './session.ts';
import { OTHER_TAB_SAVES_MS } from './due-saves.ts';
import type { Transfers } from './transfers.svelte.ts';
import { idOf, manifestOf, peersOf, transferOf } from './transfer.fixture.ts';

const id = idOf('a');
const one = manifestOf([1_000]);

describe('making a share', () => {
  it('[UI3] goes to its page at once, tells the progress, and then to the link without a step back', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    const sharing = transfers.share(chosen('a.txt', 'b.txt'));
    expect(transfers.making.state).toMatchObject({ kind: 'hashing', name: 'a.txt and 1 more', files: 2 });
    expect(worker.went).toEqual(['#/share/new']);
    await settle();
    expect(worker.request).toMatchObject({
      name: 'a.txt and 1 more',
      salted: true,
      pieceBytes: null,
      comment: '',
    });
    expect(worker.request).toMatchObject({ trackerHost: 'localhost', trackerPort: '8000' });
    worker.progress(7);
    expect(transfers.making.state).toMatchObject({ progress: { hashedBytes: 7, totalBytes: 10 } });
    expect(transfers.moving).toBe(true);
    worker.answer({ kind: 'shared', infoHash: id });
    await sharing;
    expect(transfers.making.state.kind).toBe('nothing');
    expect(worker.went[1]).toMatch(/^replace #\/share\/[\w-]{43}$/);
    expect(transfers.moving).toBe(false);
  });

  it('[UI3] names a share after its file or its folder, and tells of empty folders', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    void transfers.share(chosen('a.txt'));
    expect(transfers.making.state).toMatchObject({ name: 'a.txt' });
    await settle();
    expect(worker.request?.name).toBe('a.txt');
    const folder = new FakeWorker();
    const other = folder.transfers();
    const files = ['a', 'b'].map((name) => ({ file: new File([], name), path: ['Photos', name] }));
    void other.share({ kind: 'files', files, folders: [['Photos', 'none']] });
    expect(other.making.state).toMatchObject({ name: 'Photos' });
    await settle();
    expect(folder.request).toMatchObject({ name: 'Photos', folders: [['Photos', 'none']] });
  });

  it('[UI3] shows why it could not be made, and forgets it', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    const sharing = transfers.share(chosen('a.txt'));
    await settle();
    worker.answer({ kind: 'unreadable', file: 'a.txt' });
    await sharing;
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'unreadable', file: 'a.txt' } });
    transfers.making.forgetFailure();
    expect(transfers.making.state.kind).toBe('nothing');
    expect(worker.went.at(-1)).toBe('#/');
  });

  it('[UI3] refuses what could not be gathered without asking the worker', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.share({ kind: 'too-many' });
    expect(transfers.making.state).toEqual({
      kind: 'failed',
      why: { kind: 'refused', why: 'too-many-files' },
    });
    await transfers.share({ kind: 'unreadable', name: 'x' });
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'unreadable', file: 'x' } });
    await transfers.share({ kind: 'files', files: [], folders: [['none']] });
    expect(transfers.making.state).toMatchObject({ why: { why: 'no-files' } });
    expect(worker.asked).toEqual([]);
  });

  it('[UI3] makes one share after another', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    void transfers.share(chosen('a.txt'));
    const second = transfers.share(chosen('b.txt'));
    await settle();
    expect(transfers.making.state).toMatchObject({ name: 'a.txt' });
    worker.answer({ kind: 'shared', infoHash: id });
    await settle();
    expect(transfers.making.state).toMatchObject({ name: 'b.txt' });
    worker.answer({ kind: 'shared', infoHash: idOf('b') });
    await second;
  });

  it('[UI3] takes nobody away from another page, and no progress after the link', async () => {
    const worker = new FakeWorker();
    worker.route = { page: 'home' };
    const transfers = worker.transfers();
    const sharing = transfers.share(chosen('a.txt'));
    await settle();
    worker.answer({ kind: 'shared', infoHash: id });
    await sharing;
    worker.progress(5);
    expect(transfers.making.state.kind).toBe('nothing');
    expect(worker.went).toEqual(['#/share/new']);
  });

  it('[UI4] ends when the worker breaks in the middle, also if it never answers or answers late', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    void transfers.share(chosen('a.txt'));
    await settle();
    worker.page?.workerBroke('unreachable');
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'broken' } });
    expect(transfers.broken).toBe('unreachable');
    worker.progress(5);
    worker.answer({ kind: 'shared', infoHash: id });
    await settle();
    expect(transfers.making.state).toEqual({ kind: 'failed', why: { kind: 'broken' } });
  });

  it('[WK1] [UI5] nothing moves any more when the worker broke, and nothing keeps anybody on the page', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.download(id);
    const moving = { down: 9, up: 9, eta: 5, senders: 1, stalled: true, online: { seeds: 1, leechers: 0 } };
    worker.push({ phase: 'downloading', storedBytes: 7, peers: peersOf(2, { down: 9 }), ...moving });
    expect(transfers.moving).toBe(true);
    worker.page?.workerBroke('unreachable');
    const still = { down: 0, up: 0, eta: null, senders: 0, stalled: false, online: null, peers: [] };
    expect(transfers.of(id)).toMatchObject({ ...still, phase: 'failed', storedBytes: 7 });
    expect(transfers.moving).toBe(false);
  });
});

describe('receiving a share', () => {
  it('[UI5] opens the session once and a link once, also one that was stopped here', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.join(id);
    worker.push({ phase: 'stopped' });
    await transfers.join(id);
    await transfers.download(id);
    await transfers.pause(id);
    await transfers.stop(id);
    expect(worker.asked).toEqual(['opened', 'join', 'keep', 'download', 'pause', 'stop']);
    expect(transfers.of(id)?.phase).toBe('stopped');
    expect(transfers.of(idOf('b'))).toBeNull();
    expect(transfers.all).toHaveLength(1);
  });

  it('[UI5] asks the browser to keep what is stored with the first download, and not before or again', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    await transfers.join(id);
    expect(worker.asked).toEqual(['opened', 'join']);
    await transfers.download(id);
    await transfers.download(idOf('b'));
    expect(worker.asked).toEqual(['opened', 'join', 'keep', 'download', 'download']);
  });

  it('[UI4] knows that the server is away until the session opens, and then does what was asked', async () => {
    const worker = new FakeWorker();
    let arrive: () => void = () => undefined;
    const transfers = worker.transfers(async (page) => {
      page.serverAway();
      await new Promise<void>((resolve) => (arrive = resolve));
      return worker.open(page);
    });
    const joining = transfers.join(id);
    expect(transfers.away).toBe(true);
    arrive();
    await joining;
    expect([transfers.away, transfers.broken]).toEqual([false, null]);
    expect(worker.asked).toEqual(['opened', 'join']);
  });

  it('[UI4] says that everything broke when the session cannot be opened', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers(() => Promise.reject(new Error('no worker')));
    await transfers.open(id);
    expect(transfers.broken).toBe('no worker');
    expect([transfers.brokenFor(id), transfers.brokenFor(idOf('b'))]).toEqual(['everything', 'everything']);
  });

  it('[WK1] one share that breaks is said to have stopped, and no other', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push(
      { trouble: { kind: 'broken' }, phase: 'failed' },
      { infoHash: idOf('b'), phase: 'downloading' },
    );
    expect([transfers.brokenFor(id), transfers.brokenFor(idOf('b'))]).toEqual(['share', 'nothing']);
    expect([transfers.broken, transfers.brokenShares]).toEqual([null, [id]]);
    worker.page?.removed(id);
    expect([transfers.brokenFor(id), transfers.brokenShares]).toEqual(['nothing', []]);
  });

  it('[WK1] a share that cannot be opened by a fault of ours is said to have stopped, loudly', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    const loud = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    worker.refusing = 'out of order';
    await transfers.download(id);
    expect([transfers.broken, transfers.brokenShares]).toEqual([null, [id]]);
    expect(loud).toHaveBeenCalledWith(new Error('out of order'));
    loud.mockRestore();
  });
});

describe('what is told of shares', () => {
  it('[WK3] figures of the shares that changed replace theirs, the others stay', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ manifest: one, receivedBytes: 1 }, { infoHash: idOf('b'), receivedBytes: 2 });
    const other = transfers.of(idOf('b'));
    worker.push({ receivedBytes: 3 });
    expect(transfers.of(id)).toMatchObject({ receivedBytes: 3, manifest: one });
    worker.push({ pieces: Uint8Array.of(2, 1) });
    worker.page?.snapshotsTaken([{ ...transferOf({ receivedBytes: 4 }), pieces: null }]);
    expect(transfers.of(id)).toMatchObject({ receivedBytes: 4, pieces: Uint8Array.of(2, 1) });
    expect(transfers.of(idOf('b'))).toBe(other);
    expect(transfers.all.map(({ infoHash }) => infoHash)).toEqual([id, idOf('b')]);
  });

  it('[WK3] the manifest may be told before the figures or after them', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({});
    expect(transfers.of(id)?.manifest).toBeNull();
    worker.page?.manifestKnown(id, one);
    expect(transfers.of(id)?.manifest).toBe(one);
    worker.page?.manifestKnown(idOf('b'), one);
    expect(transfers.of(idOf('b'))).toBeNull();
    worker.push({ infoHash: idOf('b') });
    expect(transfers.of(idOf('b'))?.manifest).toBe(one);
  });

  it('[WK3] a removed share is forgotten, with all that was told of it', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ manifest: one }, { infoHash: idOf('b') });
    worker.page?.removed(id);
    worker.page?.removed(idOf('c'));
    expect([transfers.of(id), transfers.all.length]).toEqual([null, 1]);
    worker.push({});
    expect(transfers.of(id)?.manifest).toBeNull();
  });
});

describe('a share that was removed', () => {
  it('[WK3] [UI5] is another when it comes again: it is saved by itself again', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    const due = {
      phase: 'complete',
      manifest: one,
      storedBytes: 1_000,
      savable: true,
      saveDue: true,
    } as const;
    worker.push(due);
    await settle();
    worker.saves[0]?.ended({ kind: 'saved' });
    worker.page?.removed(id);
    expect(transfers.saveOf(id)).toEqual({ kind: 'none' });
    worker.push(due);
    await settle();
    expect(worker.saves).toHaveLength(2);
  });

  it('[UI5] still keeps the page from being left until its save ends, and no longer', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ phase: 'complete', manifest: one, savable: true });
    await transfers.save(id);
    worker.page?.removed(id);
    expect(transfers.moving).toBe(true);
    worker.saves[0]?.ended({ kind: 'saved' });
    expect(transfers.moving).toBe(false);
    expect(transfers.saveOf(id)).toEqual({ kind: 'none' });
  });
});

describe('saving', () => {
  const due = { phase: 'complete', manifest: one, storedBytes: 1_000, savable: true, saveDue: true } as const;

  it('[UI5] saves a finished download of one file by itself, once', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push(due);
    worker.push(due);
    await settle();
    worker.push(due);
    await settle();
    expect(worker.saves).toHaveLength(1);
    expect(worker.asked.filter((verb) => verb === 'savedByItself')).toHaveLength(1);
    expect(transfers.saveOf(id)).toEqual({ kind: 'started' });
    expect(transfers.moving).toBe(true);
    worker.saves[0]?.ended({ kind: 'saved' });
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
    expect(transfers.moving).toBe(false);
  });

  describe('[SA16] while it comes', () => {
    const comes = { phase: 'downloading', manifest: one, storedBytes: 500, down: 9 } as const;

    async function asked() {
      const worker = new FakeWorker();
      const transfers = worker.transfers();
      await transfers.download(id);
      worker.push(comes);
      return { worker, transfers };
    }

    it('is what was asked for in this tab; it is told what comes, and saves what is due', async () => {
      const { worker, transfers } = await asked();
      expect([worker.coming, worker.comes?.storedBytes]).toEqual([['asked aa'], 500]);
      expect([transfers.saveOf(id).kind, worker.saves]).toEqual(['none', []]);
      worker.push(due);
      await settle();
      expect(worker.comes?.phase).toBe('complete');
      expect(worker.asked).toContain('save-due');
      worker.saves[0]?.ended({ kind: 'saved' });
      expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
      await transfers.save(id);
      expect(worker.asked.filter((verb) => verb === 'save-due')).toHaveLength(1);
    });

    it('[UI18] gets nothing more while it is being cancelled, and is told when it is gone', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const { worker, transfers } = await asked();
      await transfers.cancel(id);
      worker.push({ ...comes, phase: 'paused', storedBytes: 700 });
      expect(worker.comes?.storedBytes).toBe(500);
      await vi.advanceTimersByTimeAsync(10_001);
      vi.useRealTimers();
      await settle();
      expect(worker.coming).toEqual(['asked aa', 'removed aa']);
    });

    it('[TB5] [SA17] is left to the tab that does it already', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const { worker, transfers } = await asked();
      transfers.tabs = { owner: true, alone: false };
      worker.isElsewhere();
      worker.push(due);
      await vi.advanceTimersByTimeAsync(OTHER_TAB_SAVES_MS - 1);
      expect(worker.asked).not.toContain('savedByItself');
      await vi.advanceTimersByTimeAsync(1);
      vi.useRealTimers();
      expect(worker.asked).toContain('savedByItself');
    });

    it('[SA10] that failed elsewhere is not due, unless it is asked for anew', async () => {
      const { worker, transfers } = await asked();
      transfers.heardOfSave(id, { kind: 'failed', why: 'cancelled' });
      worker.push(due);
      await settle();
      expect([worker.saves, transfers.saveOf(id).kind]).toEqual([[], 'failed']);
      await transfers.download(id);
      worker.push(due);
      await settle();
      expect(worker.saves).toHaveLength(1);
    });
  });

  it('[UI5] waits for Save with several files, and with one that was finished before', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...due, manifest: manifestOf([1, 2]) }, { ...due, infoHash: idOf('b'), saveDue: false });
    await settle();
    expect(worker.saves).toHaveLength(0);
    await transfers.save(id);
    expect(worker.saves[0]?.transfer.infoHash).toBe(id);
  });

  it.each([
    ['lies in a folder', { ...one, files: [{ path: ['Photos', 'a.jpg'], size: 1_000 }] }],
    ['has an empty folder beside it', { ...one, folders: [['none']], folderCount: 1 }],
  ])('[UI5] [SA1] waits for Save when the only file %s', async (_, manifest) => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...due, manifest });
    await settle();
    expect(worker.saves).toHaveLength(0);
  });

  it('[SA10] hears of saves that it did not begin, also of shares that it has not opened', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    transfers.heardOfSave(id, { kind: 'started' });
    expect([transfers.saveOf(id), transfers.moving]).toEqual([{ kind: 'started' }, true]);
    transfers.heardOfSave(id, { kind: 'failed', why: 'cancelled' });
    expect(transfers.saveOf(id)).toEqual({ kind: 'failed', why: 'cancelled' });
    expect(worker.asked).not.toContain('saved');
    transfers.heardOfSave(id, { kind: 'saved' });
    await settle();
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
    expect(worker.asked).toContain('saved');
  });

  it('[SA10] tells of the save that was asked for last, whoever else saves; all that end whole are noted', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...due, saveDue: false });
    await transfers.save(id);
    await transfers.save(id);
    transfers.heardOfSave(id, { kind: 'failed', why: 'elsewhere' });
    worker.saves[0]?.ended({ kind: 'failed', why: 'cancelled' });
    expect(transfers.saveOf(id)).toEqual({ kind: 'started' });
    worker.saves[1]?.ended({ kind: 'failed', why: 'disk full' });
    expect(transfers.saveOf(id)).toEqual({ kind: 'failed', why: 'disk full' });
    await settle();
    expect(worker.asked).not.toContain('saved');
    worker.saves[0]?.ended({ kind: 'saved' });
    await settle();
    expect(worker.asked).toContain('saved');
  });

  it('[UI5] saves again, and can try again after a failure', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...due, saveDue: false });
    worker.saveOutcome = { kind: 'failed', why: 'no room' };
    await transfers.save(id);
    expect(transfers.saveOf(id)).toEqual({ kind: 'failed', why: 'no room' });
    worker.saveOutcome = { kind: 'started' };
    await transfers.save(id);
    worker.saves[1]?.ended({ kind: 'failed', why: 'disk gone' });
    expect(transfers.saveOf(id)).toEqual({ kind: 'failed', why: 'disk gone' });
    await transfers.save(idOf('f'));
    expect(worker.saves).toHaveLength(2);
  });

  it('[LB10] [UI25] tells no more of a save when more is wanted than was saved', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...due, saveDue: false });
    await transfers.save(id);
    worker.saves[0]?.ended({ kind: 'saved' });
    worker.push({ ...due, saveDue: false });
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
    worker.push({ ...due, saveDue: false, saved: true });
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
    worker.push({ ...due, saveDue: false, phase: 'downloading', saved: false });
    expect(transfers.saveOf(id)).toEqual({ kind: 'none' });
  });

  it('[LB10] [UI25] nor where more was wanted before figures could say that it was saved', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    const wanted = { files: 1, onlyFile: 0, pieces: 1, bytes: 10, missingBytes: 0, storedBytes: 10 };
    worker.push({ ...due, saveDue: false, wanted });
    await transfers.save(id);
    worker.saves[0]?.ended({ kind: 'saved' });
    worker.push({ ...due, saveDue: false, wanted });
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
    worker.push({ ...due, saveDue: false, phase: 'downloading', wanted: { ...wanted, bytes: 20 } });
    expect(transfers.saveOf(id)).toEqual({ kind: 'none' });
  });

  it('[UI5] believes an end that comes before the start is told', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ ...due, saveDue: false });
    const saving = transfers.save(id);
    await settle();
    worker.saves[0]?.ended({ kind: 'saved' });
    await saving;
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
  });

  describe('where this is one tab of several', () => {
    async function tabOf(owner: boolean): Promise<{ worker: FakeWorker; transfers: Transfers }> {
      const worker = new FakeWorker();
      const transfers = worker.transfers();
      await transfers.start();
      worker.page?.tabsKnown({ owner, alone: false });
      return { worker, transfers };
    }

    it('[TB5] saves what was asked for here, at once', async () => {
      const { worker, transfers } = await tabOf(false);
      await transfers.download(id);
      worker.push(due);
      await settle();
      expect(worker.saves).toHaveLength(1);
    });

    it('[TB5] leaves what was asked for elsewhere to that tab, and the owner saves it where nobody does', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout'] });
      const [remote, owner] = [await tabOf(false), await tabOf(true)];
      for (const { worker } of [remote, owner]) worker.push(due);
      await vi.advanceTimersByTimeAsync(OTHER_TAB_SAVES_MS - 1);
      expect(owner.worker.saves).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(1);
      vi.useRealTimers();
      await settle();
      expect([owner.worker.saves.length, remote.worker.saves.length]).toEqual([1, 0]);
    });

    it('[TB5] saves nothing that another tab has begun to save', async () => {
      const { worker, transfers } = await tabOf(false);
      await transfers.download(id);
      worker.maySave = false;
      worker.push(due);
      await settle();
      expect(worker.saves).toHaveLength(0);
    });
  });
});

describe('[SA10] a save that another tab began', () => {
  it.each([
    [true, 1],
    [false, 0],
  ])('is noted by the owner alone: %s', async (owner, times) => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.page?.tabsKnown({ owner, alone: false });
    worker.push({ phase: 'complete', manifest: one, savable: true });
    transfers.heardOfSave(id, { kind: 'saved' });
    await settle();
    expect(worker.asked.filter((verb) => verb === 'saved')).toHaveLength(times);
    expect(transfers.saveOf(id)).toEqual({ kind: 'saved' });
  });
});

describe('leaving the page', () => {
  it.each<[string, Partial<Transfer>, boolean]>([
    ['nothing was asked for', { phase: 'ready', peers: peersOf(1) }, false],
    ['a download runs', { phase: 'downloading' }, true],
    ['it is paused', { phase: 'paused' }, false],
    ['somebody fetches from here', { phase: 'complete', peers: peersOf(1), up: 1_000 }, true],
    ['somebody is only connected', { phase: 'complete', peers: peersOf(1) }, false],
    ['the last one has just gone', { phase: 'complete', up: 1_000 }, false],
  ])('[UI5] knows whether something is moving when %s', async (_when, changes, moving) => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push(changes);
    expect(transfers.moving).toBe(moving);
  });

  it.each<[string, Partial<Transfer>, boolean]>([
    ['is shared from here alone', {}, true],
    ['has another full source', { online: { seeds: 1, leechers: 0 } }, false],
    ['is stopped', { phase: 'stopped' }, false],
    ['has no files here', { filesMissing: 'not-kept' }, false],
    ['cannot be read any more', { trouble: { kind: 'source', why: 'changed' } }, false],
    ['was received', { role: 'receiving' }, false],
  ])('[UI5] asks where it is the last page that has what %s', async (_what, changes, asks) => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.push({ role: 'sharing', phase: 'complete', ...changes });
    expect(transfers.leavingCuts).toBe(asks);
    worker.page?.tabsKnown({ owner: true, alone: false });
    expect(transfers.leavingCuts).toBe(false);
  });

  it('[UI5] asks where a save or a reading would be cut off, whatever other tabs there are', async () => {
    const worker = new FakeWorker();
    const transfers = worker.transfers();
    await transfers.start();
    worker.page?.tabsKnown({ owner: true, alone: false });
    worker.push({ phase: 'downloading' });
    expect(transfers.leavingCuts).toBe(false);
    void transfers.share(chosen('a.txt'));
    expect(transfers.leavingCuts).toBe(true);
  });
});
