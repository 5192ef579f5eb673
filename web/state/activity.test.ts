import { describe, expect, it, vi } from 'vitest';
import { FakeWorker } from '../testing/fake-worker.ts';
import { entryOf, piecesTo, TODAY } from './activity.fixture.ts';
import { ActivityLists } from './activity.svelte.ts';

function scene(newest = 0) {
  const worker = new FakeWorker();
  worker.logged = piecesTo(newest);
  const transfers = worker.transfers();
  const lists = new ActivityLists(
    (verb) => transfers.ask(verb),
    () => TODAY,
  );
  const shown = (): [number | undefined, number | undefined, number, boolean] => {
    const ids = (lists.log ?? []).map(({ id }) => id);
    return [ids[0], ids.at(-1), ids.length, lists.isMore];
  };
  return { worker, transfers, lists, shown };
}

describe('[UI22] what went on, as it is read', () => {
  it('[UI22] is nothing before it is known', async () => {
    const { worker, lists } = scene();
    worker.history = [entryOf()];
    worker.totals = { down: 1, up: 2, days: [] };
    expect([lists.history, lists.log, lists.totals, lists.level]).toEqual([null, null, null, null]);
    await lists.refresh();
    expect([lists.history, lists.log, lists.totals, lists.level]).toEqual([
      [entryOf()],
      [],
      worker.totals,
      'all',
    ]);
    expect([lists.today, lists.isMore]).toEqual([TODAY, false]);
  });

  it('[UI22] has the newest hundred rows of the log, and a hundred more at a press', async () => {
    const { lists, shown } = scene(250);
    await lists.showMore();
    expect(lists.log).toBeNull();
    await lists.refresh();
    expect(shown()).toEqual([250, 151, 100, true]);
    await lists.showMore();
    expect(shown()).toEqual([250, 51, 200, true]);
    await lists.showMore();
    expect(shown()).toEqual([250, 1, 250, false]);
    await lists.showMore();
    expect(shown()).toEqual([250, 1, 250, false]);
  });

  it('[UI22] takes what is new on top, and shows as many as before', async () => {
    const { worker, lists, shown } = scene(100);
    await lists.refresh();
    expect(shown()).toEqual([100, 1, 100, false]);
    worker.logged = piecesTo(130);
    await lists.refresh();
    expect(shown()).toEqual([130, 31, 100, true]);
    await lists.showMore();
    expect(shown()).toEqual([130, 1, 130, false]);
    worker.logged = piecesTo(180);
    await lists.refresh();
    expect(shown()).toEqual([180, 1, 180, false]);
  });

  it('[UI22] hides no gap: where too much is new it begins anew', async () => {
    const { worker, lists, shown } = scene(150);
    await lists.refresh();
    await lists.showMore();
    worker.logged = piecesTo(2_000);
    await lists.refresh();
    expect(shown()).toEqual([2_000, 1_901, 100, true]);
    worker.logged = [];
    await lists.refresh();
    expect(shown()).toEqual([undefined, undefined, 0, false]);
  });

  it('[UI22] leaves alone what is being read', async () => {
    const { worker, lists, shown } = scene(10);
    await lists.refresh();
    worker.logged = piecesTo(20);
    worker.history = [entryOf()];
    worker.totals = { down: 7, up: 7, days: [] };
    await lists.refresh({ history: false, log: false });
    expect([shown()[0], lists.history, lists.totals?.down]).toEqual([10, [], 7]);
    await lists.refresh({ history: true, log: true });
    expect([shown()[0], lists.history?.length]).toEqual([20, 1]);
  });

  it('[LB11] [UI22] clears the history alone', async () => {
    const { worker, lists, shown } = scene(10);
    worker.history = [entryOf()];
    await lists.refresh();
    await lists.clear();
    expect([worker.asked.includes('clearHistory'), lists.history, shown()[2]]).toEqual([true, [], 10]);
  });

  it('[UI22] is exported whole, as it is now', async () => {
    const { worker, lists } = scene(2_345);
    worker.history = [entryOf()];
    const record = await lists.record();
    expect(record?.transfers.map(({ id }) => id)).toEqual(piecesTo(2_345).map(({ id }) => id));
    expect([record?.history, record?.totals]).toEqual([[entryOf()], worker.totals]);
  });

  it('[UI22] stays as it was where there is no answer', async () => {
    const { worker, lists, shown } = scene(10);
    await lists.refresh();
    const broke = (): Promise<never> => Promise.reject(new Error('broke'));
    Object.assign(worker.session, { history: broke, totals: broke, transferLog: broke, settings: broke });
    const complaints = vi.spyOn(console, 'error').mockReturnValue();
    await lists.refresh();
    await lists.showMore();
    expect([shown()[2], lists.history, lists.level]).toEqual([10, [], 'all']);
    expect(await lists.record()).toBeNull();
    expect(complaints).toHaveBeenCalled();
  });
});
