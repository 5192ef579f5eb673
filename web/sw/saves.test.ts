import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SaveNews } from '../worker/saving/save-messages.ts';
import type { InfoHash } from '../../shared/ids.ts';
import type { ToldSave } from '../worker/saving/save-messages.ts';
import { StoredFront } from './coming-saves.ts';
import { Saves } from './saves.ts';

const SHARE = 'ab'.repeat(32) as InfoHash;
const newSaves = (): Saves => new Saves(() => undefined);

function watching(saves: Saves, id: string): SaveNews[] {
  const news: SaveNews[] = [];
  saves.watch(id, { postMessage: (item) => news.push(item) });
  return news;
}

/** Whether it has come to its end by now. */
async function isOver(until: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    until.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}

describe('[SA2] the saves of a service worker', () => {
  test('tell their own page how they go on, and no other', async () => {
    const saves = newSaves();
    const [one, other] = [watching(saves, 'one'), watching(saves, 'other')];
    const { watcher, until } = saves.begin('one', SHARE);
    watcher.begun();
    expect([await isOver(until), one]).toEqual([false, [{ kind: 'watching' }, { kind: 'begun' }]]);
    watcher.failed('cancelled');
    expect(await isOver(until)).toBe(true);
    expect(one.at(-1)).toEqual({ kind: 'failed', why: 'cancelled' });
    expect(other).toEqual([{ kind: 'watching' }]);
  });

  test('are under way from when somebody waits for them until they end', () => {
    const saves = newSaves();
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
    watching(saves, 'id');
    expect(saves.pulse('id')).toEqual({ kind: 'under-way' });
    const { watcher } = saves.begin('id', SHARE);
    watcher.begun();
    watcher.saved();
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
    expect(newSaves().pulse('id')).toEqual({ kind: 'unknown' }); // one that was stopped meanwhile
  });

  test('need nobody who watches: an address may be opened by hand', async () => {
    const saves = newSaves();
    const { watcher, until } = saves.begin('', SHARE);
    expect(saves.pulse('')).toEqual({ kind: 'under-way' });
    watcher.begun();
    watcher.saved();
    expect(await isOver(until)).toBe(true);
  });

  test('of one address that is asked for twice end each by itself', async () => {
    const saves = newSaves();
    const [first, second] = [saves.begin('id', SHARE), saves.begin('id', SHARE)];
    second.watcher.failed('cancelled');
    expect([await isOver(first.until), await isOver(second.until)]).toEqual([false, true]);
    expect(saves.pulse('id')).toEqual({ kind: 'under-way' });
    first.watcher.saved();
    expect(await isOver(first.until)).toBe(true);
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
  });
});

describe('[SA10] everybody', () => {
  test('hears that a save began and how it ended, and who asks later is told the same', () => {
    const told: ToldSave[] = [];
    const saves = new Saves((save) => told.push(save));
    const { watcher } = saves.begin('id', SHARE);
    expect(saves.known()).toEqual([]);
    watcher.begun();
    const underWay = { id: 'id', infoHash: SHARE, stands: { kind: 'under-way' } };
    expect([told, saves.known()]).toEqual([[underWay], [underWay]]);
    watcher.failed('cancelled');
    const cancelled = { ...underWay, stands: { kind: 'failed', why: 'cancelled' } };
    expect([told, saves.known()]).toEqual([[underWay, cancelled], [cancelled]]);
  });

  describe('[SA16] of a file that comes', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    function coming() {
      const told: unknown[] = [];
      const saves = new Saves(({ stands }) => told.push(stands));
      const news = watching(saves, 'id');
      const front = new StoredFront();
      return { front, news, saves, told, ...saves.begin('id', SHARE, { front }) };
    }

    test('hears nothing before all of it is stored, then as of any save', () => {
      const { front, news, saves, told, watcher } = coming();
      watcher.begun();
      front.stored(7);
      expect([news.at(-1), told, saves.known()]).toEqual([{ kind: 'begun' }, [], []]);
      expect(saves.pulse('id')).toEqual({ kind: 'under-way' });
      front.stored('all');
      watcher.saved();
      expect(told).toEqual([{ kind: 'under-way' }, { kind: 'saved' }]);
    });

    test('hears once that it is under way, also where all was stored before it began', () => {
      const { front, told, watcher } = coming();
      front.stored('all');
      expect(told).toEqual([]);
      watcher.begun();
      expect(told).toEqual([{ kind: 'under-way' }]);
    });

    test('is not told that it broke off, which its page is: it is saved anew', () => {
      const { news, saves, told, watcher } = coming();
      watcher.begun();
      watcher.failed('gone');
      expect([news.at(-1), told, saves.known()]).toEqual([{ kind: 'failed', why: 'gone' }, [], []]);
    });

    test('is told that it was cancelled: nobody saves it anew unasked', async () => {
      const { front, told, watcher, until } = coming();
      watcher.begun();
      watcher.failed('cancelled');
      await vi.advanceTimersByTimeAsync(1_000);
      front.stored('all');
      await until;
      expect(told).toEqual([{ kind: 'failed', why: 'cancelled' }]);
    });

    test.each([false, true])(
      '[SA18] is no cancel where its page went (all was stored by then: %s)',
      async (isWhole) => {
        const { front, told, watcher, until } = coming();
        watcher.begun();
        watcher.failed('cancelled');
        await vi.advanceTimersByTimeAsync(900);
        if (isWhole) front.stored('all');
        front.end();
        expect([await until, told.filter((stands) => (stands as SaveNews).kind === 'failed')]).toEqual([
          { kind: 'failed', why: 'gone' },
          [],
        ]);
      },
    );
  });

  test('is told of the last 32 that ended, the latest last, and of every one that is under way', () => {
    const saves = newSaves();
    saves.begin('runs', SHARE).watcher.begun();
    for (let save = 0; save < 40; save++) saves.begin(`${save}`, SHARE).watcher.saved();
    const known = saves.known().map(({ id }) => id);
    expect([known.length, known[0], known[1], known.at(-1)]).toEqual([33, 'runs', '8', '39']);
  });
});
