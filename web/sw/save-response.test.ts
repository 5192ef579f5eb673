import { describe, expect, test, vi } from 'vitest';
import { pieceSizes } from '../../shared/geometry.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { serialiseManifest } from '../../shared/manifest/resource.ts';
import type { SaveNews } from '../worker/saving/save-messages.ts';
import { READ_AHEAD_PIECES } from '../../shared/peer/limits.ts';
import { madeUpSha256 } from '../../shared/peer/contracts/filled-piece.ts';
import { MemoryLibrary } from '../../shared/peer/library.ts';
import { MemoryStore } from '../../shared/peer/memory-store.ts';
import { storedShare } from '../worker/saving/stored-share.fixture.ts';
import { storedEntries } from '../worker/saving/stored-zip.fixture.ts';
import type { KeptShares } from '../worker/saving/wanted-of.ts';
import { StoredFront } from './coming-saves.ts';
import { readiness, readinessToCome, saveResponse } from './save-response.ts';
import { Saves } from './saves.ts';

const SHARE = '1b'.repeat(32) as InfoHash;
const ONE_FILE = { infoHash: SHARE, file: 0 } as const;

/** Counts the pieces that were read. */
class CountingStore extends MemoryStore {
  reads = 0;

  override piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    this.reads += 1;
    return super.piece(infoHash, piece);
  }
}

async function storeWith(size: number, left: readonly number[] = []): Promise<CountingStore> {
  const store = new CountingStore();
  const pieces = pieceSizes(size, 100).map((bytes) => ({ sha256: 'cd'.repeat(32), size: bytes }));
  for (const [piece, { size: length }] of pieces.entries()) {
    if (left.includes(piece)) continue;
    await store.putPieces(SHARE, [
      { piece, sha256: madeUpSha256(piece), bytes: new Uint8Array(length).fill(piece) },
    ]);
  }
  const manifest = serialiseManifest({
    trackerIp: 'localhost',
    trackerPort: '8000',
    comment: '',
    creationDate: '2026-01-02T03:04:06+00:00',
    name: 'π.html',
    pieces,
    files: [{ path: ['π.html'], size }],
    folders: [],
    urls: [],
    totalBytes: size,
    shoal: null,
  });
  if (manifest === null) throw new Error('too large');
  await store.putShare({ infoHash: SHARE, manifest, addedAt: 0 });
  return store;
}

/** Of which nothing is known but what is stored. */
function kept(store: MemoryStore): KeptShares {
  return { store, library: new MemoryLibrary() };
}

/** A save as the service worker runs it, and the news that its page gets. */
async function begun(
  store: MemoryStore,
  target: Parameters<typeof saveResponse>[1] = ONE_FILE,
  { library }: Pick<KeptShares, 'library'> = kept(store),
  front: StoredFront | null = null,
) {
  const told: unknown[] = [];
  const saves = new Saves(({ stands }) => told.push(stands));
  const news: SaveNews[] = [];
  saves.watch('id', { postMessage: (item) => news.push(item) });
  const { watcher, until } = saves.begin('id', target.infoHash, { front });
  const response = await saveResponse({ store, library }, target, watcher, front ?? undefined);
  if (response === null) throw new Error('no response');
  return { response, news, until, saves, told };
}

describe('the response that becomes a download', () => {
  test('[SA3] [SA5] has the name, the size and nothing that a page could be made of', async () => {
    const { response, news, until, saves } = await begun(await storeWith(250));
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-disposition': `attachment; filename="_.html"; filename*=UTF-8''%CF%80.html`,
      'content-length': '250',
      'content-type': 'application/octet-stream',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(saves.pulse('id')).toEqual({ kind: 'under-way' });
    expect((await response.arrayBuffer()).byteLength).toBe(250);
    await until;
    expect(news).toEqual([{ kind: 'watching' }, { kind: 'begun' }, { kind: 'saved' }]);
    expect(saves.pulse('id')).toEqual({ kind: 'unknown' });
  });

  test('[SA3] reads at most sixteen pieces and those of two chunks ahead of the download', async () => {
    const store = await storeWith(10_000);
    const { response } = await begun(store);
    const reader = response.body?.getReader();
    for (let taken = 1; taken <= 20; taken++) {
      await reader?.read();
      expect(store.reads).toBeLessThanOrEqual(taken + 2 + READ_AHEAD_PIECES);
    }
    await reader?.cancel();
  });

  test('[SA3] a missing piece ends it with an error', async () => {
    const { response, news, until } = await begun(await storeWith(1_000, [7]));
    await expect(response.arrayBuffer()).rejects.toThrow();
    await until;
    expect(news.at(-1)).toEqual({ kind: 'failed', why: 'gone' });
  });

  test('[SA2] a download that is cancelled stops reading', async () => {
    const store = await storeWith(10_000);
    const { response, news, until } = await begun(store);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await until;
    expect(news.at(-1)).toEqual({ kind: 'failed', why: 'cancelled' });
    expect(store.reads).toBeLessThanOrEqual(3 + READ_AHEAD_PIECES);
  });

  test('[SA10] a piece that comes after a download was cancelled changes nothing of how it ended', async () => {
    const store = await storeWith(10_000);
    let comes: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (comes = resolve));
    const piece = store.piece.bind(store);
    vi.spyOn(store, 'piece').mockImplementation(async (...which) => (await late, piece(...which)));
    const { response, told, until } = await begun(store);
    const reader = response.body?.getReader();
    void reader?.read();
    await new Promise((next) => setImmediate(next)); // the first piece is asked for
    await Promise.all([reader?.cancel(), comes(), until]);
    await new Promise((next) => setImmediate(next));
    expect(told).toEqual([{ kind: 'under-way' }, { kind: 'failed', why: 'cancelled' }]);
  });

  test('[SA3] a file without bytes is an empty download', async () => {
    const { response, news } = await begun(await storeWith(0));
    expect(response.headers.get('content-length')).toBe('0');
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    expect(news.at(-1)).toEqual({ kind: 'saved' });
  });

  test('[SA1] [SA8] [MF9] a zip is as long as it says, and holds files with their dates and empty folders', async () => {
    const old = Date.UTC(2001, 1, 3, 4, 5, 6);
    const { store, content } = await storedShare({
      name: 'Fer\u202eien',
      files: [
        { path: ['f', 'π.html'], size: 777, modified: old },
        { path: ['f', 'a\u200e'], size: 0 },
      ],
      folders: [['f', 'none']],
    });
    const { response } = await begun(store, { infoHash: '0a'.repeat(32) as InfoHash, file: 'zip' });
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(response.headers.get('content-disposition')).toContain(`filename="Ferien.zip"`);
    const created = new Date('2026-01-02T03:04:06Z');
    expect(storedEntries(bytes)).toEqual([
      { path: 'f/π.html', bytes: content, modified: new Date(old) },
      { path: 'f/a', bytes: new Uint8Array(0), modified: created },
      { path: 'f/none/', bytes: new Uint8Array(0), modified: created },
    ]);
  });

  test('[SA4] [MF9] one file of several has its own name, without marks', async () => {
    const { store, infoHash } = await storedShare({
      name: 'a',
      files: [
        { path: ['a', 'x\u202egpj.exe'], size: 1 },
        { path: ['a', 'b'], size: 1 },
      ],
    });
    const { response } = await begun(store, { infoHash, file: 0 });
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="xgpj.exe"; filename*=UTF-8''xgpj.exe`,
    );
  });
});

describe('[SA16] a file that still comes', () => {
  const next = () => new Promise((resolve) => setImmediate(resolve));

  /** Of ten pieces the first three are stored. */
  async function coming() {
    const store = await storeWith(1_000, [3, 4, 5, 6, 7, 8, 9]);
    const front = new StoredFront();
    front.stored(3);
    const save = await begun(store, ONE_FILE, kept(store), front);
    const taken: number[] = [];
    const body = save.response.body!.getReader();
    const all = (async () => {
      for (let read = await body.read(); read.done !== true; read = await body.read())
        taken.push(read.value[0] ?? -1);
    })();
    all.catch(() => undefined);
    const comes = async (...pieces: number[]) => {
      for (const piece of pieces)
        await store.putPieces(SHARE, [
          { piece, sha256: madeUpSha256(piece), bytes: new Uint8Array(100).fill(piece) },
        ]);
    };
    await next();
    return { ...save, store, front, taken, all, body, comes };
  }

  test('has its whole size from the start, passes on what is stored, and waits for the rest', async () => {
    const { response, taken, store, news } = await coming();
    expect(response.headers.get('content-length')).toBe('1000');
    expect([taken, store.reads, news.at(-1)]).toEqual([[0, 1, 2], 3, { kind: 'begun' }]);
  });

  test('passes on pieces in their order as they are told, and ends with the last one', async () => {
    const { taken, front, comes, all, news } = await coming();
    await comes(5, 3);
    front.stored(4);
    await next();
    expect(taken).toEqual([0, 1, 2, 3]);
    await comes(4);
    front.stored(6);
    await next();
    expect(taken).toEqual([0, 1, 2, 3, 4, 5]);
    await comes(6, 7, 8, 9);
    front.stored('all');
    await all;
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(news.at(-1)).toEqual({ kind: 'saved' });
  });

  test('[SA18] fails where nobody tells of it any more, and is never short', async () => {
    const { front, all, news, told } = await coming();
    front.end();
    await expect(all).rejects.toThrow('its pieces come no more');
    expect([news.at(-1), told]).toEqual([{ kind: 'failed', why: 'gone' }, []]);
  });

  test('[SA18] fails then and there, although the browser, which has it paused, takes nothing', async () => {
    const front = new StoredFront();
    front.stored(3);
    const store = await storeWith(1_000, [3, 4, 5, 6, 7, 8, 9]);
    const { response, news } = await begun(store, ONE_FILE, kept(store), front);
    await next();
    front.end();
    await next();
    expect(news.at(-1)).toEqual({ kind: 'failed', why: 'gone' });
    await expect(response.arrayBuffer()).rejects.toThrow('come no more');
  });

  test('[SA17] is not broken off by the end of its page where all of it is stored', async () => {
    const { front, comes, all, news } = await coming();
    await comes(3, 4, 5, 6, 7, 8, 9);
    front.stored('all');
    front.end();
    await all;
    expect(news.at(-1)).toEqual({ kind: 'saved' });
  });

  test('[SA3] [SA18] fails where a piece is gone that was stored', async () => {
    const { front, all, news } = await coming();
    front.stored('all');
    await expect(all).rejects.toThrow('piece 3 is no longer');
    expect(news.at(-1)).toEqual({ kind: 'failed', why: 'gone' });
  });

  test('is cancelled while it waits, and reads nothing any more', async () => {
    const { front, body, comes, news, store, until } = await coming();
    void until.then(() => front.end());
    await body.cancel();
    await comes(3);
    front.stored(4);
    await until;
    expect([news.at(-1), store.reads]).toEqual([{ kind: 'failed', why: 'cancelled' }, 3]);
  });

  test('can be saved so where its share is here and it is one file', async () => {
    const ready = async (file: number | 'zip', store: MemoryStore) =>
      readinessToCome(kept(store), { infoHash: SHARE, file });
    const store = await storeWith(1_000, [0, 1, 2]);
    expect(await ready(0, store)).toEqual({ kind: 'comes', from: 0, to: 10 });
    expect(await ready(0, await storeWith(0))).toEqual({ kind: 'comes', from: 0, to: 0 });
    for (const file of [1, 'zip'] as const) expect(await ready(file, store)).toEqual({ kind: 'absent' });
    expect(await ready(0, new MemoryStore())).toEqual({ kind: 'absent' });
  });

  test('[SA12] lies in the pieces that hold a byte of it', async () => {
    const files = [130, 220, 0, 300].map((size, nth) => ({ path: ['f', `${nth}`], size }));
    const stored = await storedShare({ name: 'f', files, folders: [] }, [1]);
    const ready = async (file: number) => readinessToCome(stored, { infoHash: stored.infoHash, file });
    expect(await ready(1)).toEqual({ kind: 'comes', from: 1, to: 4 });
    expect(await ready(2)).toEqual({ kind: 'comes', from: 0, to: 0 });
    expect(await ready(3)).toEqual({ kind: 'comes', from: 3, to: 7 });
  });
});

describe('whether a share can be saved', () => {
  test('[SA2] ready, incomplete or absent', async () => {
    expect(await readiness(kept(await storeWith(250)), ONE_FILE)).toEqual({ kind: 'ready' });
    expect(await readiness(kept(await storeWith(250)), { ...ONE_FILE, file: 'zip' })).toEqual({
      kind: 'ready',
    });
    expect(await readiness(kept(await storeWith(250, [1])), ONE_FILE)).toEqual({ kind: 'incomplete' });
    expect(await readiness(kept(await storeWith(250)), { ...ONE_FILE, file: 1 })).toEqual({ kind: 'absent' });
    expect(await readiness(kept(new MemoryStore()), ONE_FILE)).toEqual({ kind: 'absent' });
    expect(
      await saveResponse(
        kept(new MemoryStore()),
        ONE_FILE,
        new Saves(() => undefined).begin('id', SHARE).watcher,
      ),
    ).toBeNull();
  });
});

describe('[SA12] a share of which part is wanted', () => {
  /** A border of files lies in piece 1, another in piece 3; one is empty. */
  const FILES = [
    { path: ['f', 'a'], size: 130 },
    { path: ['f', 'b'], size: 220 },
    { path: ['f', 'c'], size: 0 },
    { path: ['f', 'd'], size: 300 },
  ];
  const share = (wanted: readonly number[] | null) =>
    storedShare({ name: 'f', files: FILES, folders: [['f', 'none']] }, wanted);

  test('[SA12] each wanted file can be saved, and the others cannot', async () => {
    const stored = await share([1, 2]);
    const { infoHash } = stored;
    const ready = async (file: number | 'zip') => (await readiness(stored, { infoHash, file })).kind;
    expect(await Promise.all([0, 1, 2, 3, 'zip' as const].map(ready))).toEqual([
      ...['incomplete', 'ready', 'ready', 'incomplete', 'ready'],
    ]);
    const { response, news } = await begun(stored.store, { infoHash, file: 1 }, stored);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(stored.content.slice(130, 350));
    expect(news.at(-1)).toEqual({ kind: 'saved' });
  });

  test('[SA12] [SA1] its zip holds the wanted files, under the names that they have among all', async () => {
    const stored = await share([1, 2]);
    const { response } = await begun(stored.store, { infoHash: stored.infoHash, file: 'zip' }, stored);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    expect(storedEntries(bytes).map((entry) => [entry.path, entry.bytes])).toEqual([
      ['f/b', stored.content.slice(130, 350)],
      ['f/c', new Uint8Array(0)],
    ]);
  });

  test('[SA12] [SA3] a wanted file of which a piece is missing is an error, not a file less', async () => {
    const stored = await share([0]);
    const entry = await stored.library.entry(stored.infoHash);
    await stored.library.put({ ...entry!, files: [0, 3] });
    const target = { infoHash: stored.infoHash, file: 'zip' } as const;
    expect(await readiness(stored, target)).toEqual({ kind: 'incomplete' });
    const { response, news, until } = await begun(stored.store, target, stored);
    await expect(response.arrayBuffer()).rejects.toThrow();
    await until;
    expect(news.at(-1)).toEqual({ kind: 'failed', why: 'gone' });
  });
});
