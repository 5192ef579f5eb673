/** What other apps handed over, in a real database without a browser. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { forgetOldHanded, keepHanded, takeHanded } from './handed-store.ts';
import type { Handed } from './handed-store.ts';

const DATABASE = 'shoal/drop/-handed';
const HOUR = 60 * 60_000;
const NOW = 1_800_000_000_000;
const textOf = (text: string): Handed => ({ kind: 'text', title: '', text, url: '' });
const take = (now = NOW): Promise<readonly Handed[]> => takeHanded(DATABASE, now);

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => vi.unstubAllGlobals());

describe('[AP3] what is kept until a page takes it', () => {
  test('comes back once, in the order in which it came, with the bytes of its files', async () => {
    const content = new Blob(['12345']);
    const files = [{ name: 'a.txt', type: 'text/plain', lastModified: 7, content }];
    expect(await keepHanded(DATABASE, { kind: 'files', files }, NOW)).toBe('kept');
    expect(await keepHanded(DATABASE, textOf('later'), NOW + 1)).toBe('kept');
    const [first, second] = await take();
    if (first?.kind !== 'files') throw new Error('the files are missing');
    expect(first.files[0]).toMatchObject({ name: 'a.txt', type: 'text/plain', lastModified: 7 });
    expect(await first.files[0]?.content.text()).toBe('12345');
    expect(second).toEqual(textOf('later'));
    expect(await take()).toEqual([]);
  });

  test('is that of its own place alone', async () => {
    await keepHanded('shoal-handed', textOf('of another place'), NOW);
    expect(await take()).toEqual([]);
    expect(await takeHanded('shoal-handed', NOW)).toHaveLength(1);
  });

  test('is at most eight at once: the oldest make way', async () => {
    for (let nth = 0; nth < 20; nth++) await keepHanded(DATABASE, textOf(String(nth)), NOW + nth);
    const texts = (await take()).map((handed) => handed.kind === 'text' && handed.text);
    expect(texts).toEqual(['12', '13', '14', '15', '16', '17', '18', '19']);
  });

  test.each([
    ['an hour later', HOUR],
    ['by a clock that was set back', -HOUR],
  ])('is nobody’s %s', async (_, later) => {
    await keepHanded(DATABASE, textOf('old'), NOW);
    expect(await take(NOW + later)).toEqual([]);
    // And what comes next takes it away: by the old clock the new one alone is left, which that clock does not know.
    await keepHanded(DATABASE, textOf('old'), NOW);
    await keepHanded(DATABASE, textOf('new'), NOW + later);
    expect(await take(NOW)).toEqual([]);
  });

  test('is not kept where no database opens, which is an answer', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    expect(await keepHanded(DATABASE, textOf('x'), NOW)).toBe('not-kept');
    expect(await take()).toEqual([]);
  });
});

describe('[AP3] what no page came for', () => {
  test('is forgotten when a page is opened, and what is fresh is not', async () => {
    await keepHanded(DATABASE, textOf('old'), NOW);
    await keepHanded(DATABASE, textOf('fresh'), NOW + HOUR - 1);
    await forgetOldHanded(DATABASE, NOW + HOUR);
    // Even a clock that goes back does not bring it again.
    expect(await take(NOW + 1)).toEqual([textOf('fresh')]);
  });

  test('is looked for without making a database', async () => {
    await forgetOldHanded(DATABASE, NOW);
    expect(await indexedDB.databases()).toEqual([]);
  });

  test('is let be by a browser that does not tell which databases there are', async () => {
    await keepHanded(DATABASE, textOf('kept'), NOW);
    vi.stubGlobal('indexedDB', { open: indexedDB.open.bind(indexedDB) });
    await forgetOldHanded(DATABASE, NOW + 2 * HOUR);
    expect(await take()).toEqual([textOf('kept')]);
  });
});
