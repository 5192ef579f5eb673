import { describe, expect, test } from 'vitest';
import type { SaveNews } from '../worker/saving/save-messages.ts';
import { Saves } from './saves.ts';

function watching(saves: Saves, id: string): SaveNews[] {
  const news: SaveNews[] = [];
  saves.watch(id, { postMessage: (item) => news.push(item) });
  return news;
}

/** Whether it has come to its end by now. */
async function isOver(until: Promise<void>): Promise<boolean> {
  return Promise.race([
    until.then(() => true),
    new Promise<false>((resolve) => setImmediate(resolve, false)),
  ]);
}

describe('[SA2] the saves of a service worker', () => {
  test('tell their own page how they go on, and no other', async () => {
    const saves = new Saves();
    const [one, other] = [watching(saves, 'one'), watching(saves, 'other')];
    const { watcher, until } = saves.begin('one');
    watcher.begun();
    expect([await isOver(until), one]).toEqual([false, [{ kind: 'watching' }, { kind: 'begun' }]]);
    watcher.failed('cancelled');
    expect(await isOver(until)).toBe(true);
    expect(one.at(-1)).toEqual({ kind: 'failed', why: 'cancelled' });
    expect(other).toEqual([{ kind: 'watching' }]);
  });

  test('are under way from when somebody waits for them until they end', () => {
    const saves = new Saves();
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
    watching(saves, 'id');
    expect(saves.pulse('id')).toEqual({ kind: 'under-way' });
    const { watcher } = saves.begin('id');
    watcher.begun();
    watcher.saved();
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
    expect(new Saves().pulse('id')).toEqual({ kind: 'unknown' }); // one that was stopped meanwhile
  });

  test('need nobody who watches: an address may be opened by hand', async () => {
    const saves = new Saves();
    const { watcher, until } = saves.begin('');
    expect(saves.pulse('')).toEqual({ kind: 'under-way' });
    watcher.begun();
    watcher.saved();
    expect(await isOver(until)).toBe(true);
  });

  test('of one address that is asked for twice end each by itself', async () => {
    const saves = new Saves();
    const [first, second] = [saves.begin('id'), saves.begin('id')];
    second.watcher.failed('cancelled');
    expect([await isOver(first.until), await isOver(second.until)]).toEqual([false, true]);
    expect(saves.pulse('id')).toEqual({ kind: 'under-way' });
    first.watcher.saved();
    expect(await isOver(first.until)).toBe(true);
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
  });
});
