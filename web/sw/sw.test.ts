/** The service worker as it is put together: what it answers, and what it leaves to the network. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { delivered } from '../net/simple-peer.fixture.ts';
import { FakeLocks } from '../testing/fake-locks.ts';
import { takeHanded } from '../worker/handed/handed-store.ts';
import { saveAddress } from '../worker/saving/save-messages.ts';
import { storedShare } from '../worker/saving/stored-share.fixture.ts';
import type { StoredShare } from '../worker/saving/stored-share.fixture.ts';
import { madeUpSha256 } from '../../shared/peer/contracts/filled-piece.ts';
import { openIndexedDbStore } from '../worker/store/indexeddb-store.ts';

const ORIGIN = 'https://share.example';

const precaching = vi.hoisted(() => ({ entries: [] as unknown[], cached: new Map<string, string>() }));
vi.mock('workbox-precaching', () => ({
  precache: (entries: unknown[]) => (precaching.entries = entries),
  matchPrecache: async (request: string | { url: string }) => {
    const { pathname } = new URL(typeof request === 'string' ? request : request.url, ORIGIN);
    const body = precaching.cached.get(pathname);
    return body === undefined ? undefined : new Response(body);
  },
}));

/** What the service worker listens to. */
class Scope extends EventTarget {
  readonly registration = { scope: `${ORIGIN}/drop/` };
  readonly location = new URL(`${ORIGIN}/drop/sw.js`);
  readonly __WB_MANIFEST = [
    { url: 'index.html', revision: '7' },
    { url: 'assets/a-123.js', revision: null },
    'icon.png',
  ];
  claims = 0;
  /** The windows of the origin: where they are, and what they say is their script; null: nothing. */
  windows: { url: string; script: string | null }[] = [];
  skips = 0;
  readonly skipWaiting = async () => void (this.skips += 1);
  readonly opened: string[] = [];
  readonly focused: string[] = [];
  readonly clients = {
    openWindow: async (url: string) => void this.opened.push(url),
    claim: async () => void (this.claims += 1),
    matchAll: async () =>
      this.windows.map(({ url, script }) => ({
        url,
        focus: async () => void this.focused.push(url),
        postMessage: (question: unknown, [port]: [MessagePort]) => {
          expect(question).toEqual({ kind: 'which-script' });
          ports.push(port);
          if (script !== null) port.postMessage(script);
        },
      })),
  };
  /** What the browser has to wait for. */
  readonly waits: Promise<unknown>[] = [];

  tell(type: string, more: Record<string, unknown>): void {
    const waitUntil = (wait: Promise<unknown>) => this.waits.push(wait);
    this.dispatchEvent(Object.assign(new Event(type), { waitUntil, ...more }));
  }

  /** Null: it is left to the browser. */
  asked(
    address: string,
    more: { method?: string; mode?: string; formData?: () => Promise<FormData> } = {},
  ): Promise<Response> | null {
    let response: Promise<Response> | null = null;
    this.tell('fetch', {
      request: { url: new URL(address, ORIGIN).href, method: 'GET', mode: 'no-cors', ...more },
      respondWith: (answer: Promise<Response>) => (response = Promise.resolve(answer)),
    });
    return response;
  }

  /** What comes back on the port of a question. */
  async said(question: unknown): Promise<unknown[]> {
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port1.onmessage = ({ data }) => heard.push(data);
    ports.push(port1);
    this.tell('message', { data: question, ports: [port2] });
    await Promise.all(this.waits);
    await delivered();
    return heard;
  }
}

const ports: MessagePort[] = [];
let scope: Scope;
let locks: FakeLocks;
/** The network: what it answers to which address. */
let network: ReturnType<typeof vi.fn>;

beforeEach(async () => {
  scope = new Scope();
  precaching.cached = new Map([
    ['/drop/', 'the cached page'],
    ['/drop/assets/a-123.js', 'cached code'],
  ]);
  network = vi.fn(async () => new Response('from the network'));
  vi.stubGlobal('indexedDB', new IDBFactory());
  locks = new FakeLocks();
  vi.stubGlobal('navigator', { locks });
  vi.stubGlobal('self', scope);
  vi.stubGlobal('fetch', network);
  vi.resetModules();
  await import('./sw.ts');
});
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const text = async (response: Promise<Response> | null) => (await response)?.text();

describe('[SA7] the app without a network', () => {
  test('[UI12] keeps the page under its folder, which is the only address that the server has it at', () => {
    expect(precaching.entries).toEqual([
      { url: '/drop/', revision: '7' },
      { url: 'assets/a-123.js', revision: null },
      'icon.png',
    ]);
  });

  test('takes over the pages that are open when it is the first', async () => {
    scope.tell('activate', {});
    await Promise.all(scope.waits);
    expect(scope.claims).toBe(1);
  });

  test.each<[string, { method?: string; mode?: string }]>([
    ['/drop/', { method: 'POST', mode: 'navigate' }],
    ['/share-target', { method: 'POST', mode: 'navigate' }],
    ['/drop/share-target/x', { method: 'POST', mode: 'navigate' }],
    ['https://elsewhere.example/drop/share-target', { method: 'POST' }],
    // The server leads on to the page.
    ['/drop/share-target', { mode: 'navigate' }],
    ['/', { mode: 'navigate' }],
    ['/drop/other/', { mode: 'navigate' }],
    ['/drop/config', {}],
    ['/drop/assets/gone-456.js', {}],
    ['/assets/a-123.js', {}],
    ['/drop/assets/a-123.js', { method: 'HEAD' }],
    ['https://elsewhere.example/drop/assets/a-123.js', {}],
    ['/save/x', {}],
  ])('leaves alone what is not its own: %s %j', (address, more) => {
    expect(scope.asked(address, more)).toBeNull();
  });

  test('takes the app’s files from the cache, and from the network where the browser cleared it', async () => {
    expect(await text(scope.asked('/drop/assets/a-123.js'))).toBe('cached code');
    expect(network).not.toHaveBeenCalled();
    precaching.cached.clear();
    expect(await text(scope.asked('/drop/assets/a-123.js'))).toBe('from the network');
  });

  describe('the page', () => {
    const page = () => scope.asked('/drop/?x', { mode: 'navigate' });

    test('is the newest where the network gives one', async () => {
      expect(await text(page())).toBe('from the network');
    });

    test.each([
      ['there is no network', () => Promise.reject(new TypeError('Failed to fetch'))],
      ['the server fails', async () => new Response('away', { status: 502 })],
    ])('is the cached one where %s', async (_, answer) => {
      network.mockImplementation(answer);
      expect(await text(page())).toBe('the cached page');
    });

    test('is the cached one where the network does not answer within four seconds', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      network.mockReturnValue(new Promise(() => undefined));
      let shown: string | undefined;
      void text(page()).then((body) => (shown = body));
      await vi.advanceTimersByTimeAsync(3_999);
      await delivered();
      expect(shown).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1);
      await delivered();
      expect(shown).toBe('the cached page');
    });

    test('is what the server says where nothing is cached', async () => {
      precaching.cached.clear();
      network.mockResolvedValue(new Response('away', { status: 502 }));
      expect((await page())?.status).toBe(502);
    });
  });
});

describe('[SA11] taking over from an older version', () => {
  const here = 'https://share.example/drop/';
  const current = { url: `${here}#x`, script: `${here}assets/a-123.js` };
  const foreign = { url: 'https://share.example/', script: null };

  test.each<[string, Scope['windows'], string]>([
    ['where every page that is open is of this version', [current, current, foreign], 'taking-over'],
    ['where none is open', [], 'taking-over'],
    [
      'not while a page of another version is open',
      [current, { ...current, script: `${here}assets/a-0.js` }],
      'older-pages',
    ],
  ])('%s', async (_, windows, kind) => {
    scope.windows = windows;
    expect(await scope.said({ kind: 'take-over' })).toEqual([{ kind }]);
    expect(scope.skips).toBe(kind === 'taking-over' ? 1 : 0);
  });

  test('not while a page is open that does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    scope.windows = [{ ...current, script: null }];
    const answer = scope.said({ kind: 'take-over' });
    await delivered();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await answer).toEqual([{ kind: 'older-pages' }]);
    expect(scope.skips).toBe(0);
  });
});

describe('[AP3] the share target', () => {
  test('[ST8] keeps what comes for the page of this place, and leads there', async () => {
    const form = new FormData();
    form.append('text', 'a word');
    const response = await scope.asked('/drop/share-target?from', {
      ...{ method: 'POST', mode: 'navigate', formData: async () => form },
    });
    expect([response?.status, response?.headers.get('location')]).toEqual([303, `${ORIGIN}/drop/#/received`]);
    expect(await takeHanded('shoal/drop/-handed', Date.now())).toMatchObject([{ text: 'a word' }]);
    expect(network).not.toHaveBeenCalled();
  });
});

describe('[AP8] a notification that is pressed', () => {
  const pressed = async (): Promise<number> => {
    let closed = 0;
    scope.tell('notificationclick', { notification: { close: () => (closed += 1) } });
    await Promise.all(scope.waits);
    return closed;
  };

  test('brings the page to the front, or opens it where none of this place is open', async () => {
    scope.windows = [{ url: 'https://share.example/', script: null }];
    expect(await pressed()).toBe(1);
    expect([scope.opened, scope.focused]).toEqual([[`${ORIGIN}/drop/`], []]);
    scope.windows.push({ url: `${ORIGIN}/drop/#x`, script: null });
    await pressed();
    expect([scope.opened.length, scope.focused]).toEqual([1, [`${ORIGIN}/drop/#x`]]);
  });
});

describe('[SA2] saving', () => {
  /** In the database that the page at this place uses. */
  async function stored(
    name = 'shoal/drop/',
    what: Parameters<typeof storedShare>[0] = {
      name: 'π.txt',
      files: [{ path: ['π.txt'], size: 250 }],
      folders: [],
    },
  ): Promise<StoredShare> {
    const share = await storedShare(what);
    const opening = await openIndexedDbStore(name);
    const store = opening.kind === 'opened' ? opening.store : null;
    const record = await share.store.share(share.infoHash);
    if (store === null || record === null) throw new Error('nothing is stored');
    await store.putShare(record);
    for (const piece of [0, 1, 2]) {
      const bytes = await share.store.piece(share.infoHash, piece);
      if (bytes !== null)
        await store.putPieces(share.infoHash, [{ piece, sha256: madeUpSha256(piece), bytes }]);
    }
    return share;
  }

  test('[ST8] answers an address of saving with what is stored at this place, and tells the page', async () => {
    const { infoHash, content } = await stored();
    const target = { infoHash, file: 0 };
    expect(await scope.said({ kind: 'prepare-save', target })).toEqual([{ kind: 'ready' }]);
    const news: unknown[] = [];
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    port1.onmessage = ({ data }) => news.push(data);
    scope.tell('message', { data: { kind: 'watch-save', id: 'x y' }, ports: [port2] });
    expect(await scope.said({ kind: 'save-pulse', id: 'x y' })).toEqual([{ kind: 'under-way' }]);
    const before = scope.waits.length;
    const response = await scope.asked(saveAddress('/drop/', target, 'x y'), { mode: 'navigate' });
    const [kept] = scope.waits.slice(before); // the browser keeps it alive until the last byte
    expect(kept).toBeInstanceOf(Promise);
    expect(new Uint8Array(await response!.arrayBuffer())).toEqual(content);
    await kept;
    await delivered();
    expect(news).toEqual([{ kind: 'watching' }, { kind: 'begun' }, { kind: 'saved' }]);
    expect(await scope.said({ kind: 'save-pulse', id: 'x y' })).toEqual([{ kind: 'unknown' }]);
  });

  test.each(['', 'guessed', crypto.randomUUID()])(
    '[SA9] a link of somebody else’s (id %j) is told what is told of a share that is not here, without a look',
    async (id) => {
      const { infoHash } = await stored();
      const opened = vi.spyOn(indexedDB, 'open');
      const absent = 'ee'.repeat(32) as InfoHash;
      const answers = await Promise.all(
        [infoHash, absent].map(async (share) => {
          const response = await scope.asked(saveAddress('/drop/', { infoHash: share, file: 0 }, id), {
            mode: 'navigate',
          });
          return [response?.status, [...(response?.headers ?? [])], await response?.text()];
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]?.[0]).toBe(404);
      expect(opened).not.toHaveBeenCalled();
      expect(scope.waits).toEqual([]);
    },
  );

  /** A save from the first byte to the last, and what the channel tells of it. */
  async function savedWhole(infoHash: InfoHash): Promise<unknown[]> {
    const channel = new BroadcastChannel('shoal/drop/-saves');
    const told: unknown[] = [];
    channel.onmessage = ({ data }) => told.push(data);
    await scope.said({ kind: 'watch-save', id: 'x' });
    const response = await scope.asked(saveAddress('/drop/', { infoHash, file: 0 }, 'x'));
    await response?.arrayBuffer();
    await Promise.all(scope.waits);
    await delivered();
    channel.close();
    return told;
  }

  test('[SA10] tells every page of this place, and whoever asks later', async () => {
    const { infoHash } = await stored();
    expect(await scope.said({ kind: 'known-saves' })).toEqual([[]]);
    const saved = { id: 'x', infoHash, stands: { kind: 'saved' } };
    expect(await savedWhole(infoHash)).toEqual([{ ...saved, stands: { kind: 'under-way' } }, saved]);
    expect(await scope.said({ kind: 'known-saves' })).toEqual([[saved]]);
  });

  test.each([
    ['notes that it was saved where no page is open that could', 'https://share.example/', true],
    ['leaves that to a page that is open', 'https://share.example/drop/', false],
  ])('[SA10] %s', async (_, url, noted) => {
    const { infoHash } = await stored();
    scope.windows = [{ url, script: null }];
    const opening = await openIndexedDbStore('shoal/drop/');
    if (opening.kind !== 'opened') throw new Error(opening.why);
    const entry = {
      ...({ infoHash, role: 'receiving', intent: 'sharing', name: 'π.txt', totalBytes: 250 } as const),
      ...{ fileCount: 1, addedAt: 1, finishedAt: 2, savedAt: null },
    };
    await opening.library.put(entry);
    await savedWhole(infoHash);
    const { savedAt, ...others } = (await opening.library.entry(infoHash)) ?? { savedAt: null };
    expect([others, savedAt !== null]).toEqual([{ ...entry, savedAt: undefined }, noted]);
  });

  test('[SA12] one file out of several is told as a part, and notes nothing', async () => {
    const files = ['a', 'b'].map((file) => ({ path: ['f', file], size: 120 }));
    const { infoHash, library } = await stored('shoal/drop/', { name: 'f', files });
    scope.windows = [];
    const opening = await openIndexedDbStore('shoal/drop/');
    if (opening.kind !== 'opened') throw new Error(opening.why);
    await opening.library.put((await library.entry(infoHash))!);
    const part = { id: 'x', infoHash, isPart: true, stands: { kind: 'saved' } };
    expect(await savedWhole(infoHash)).toEqual([{ ...part, stands: { kind: 'under-way' } }, part]);
    expect((await opening.library.entry(infoHash))?.savedAt).toBeNull();
    await opening.library.put({ ...(await library.entry(infoHash))!, files: [0] });
    await savedWhole(infoHash);
    expect((await opening.library.entry(infoHash))?.savedAt).not.toBeNull();
  });

  describe('[SA16] a file that still comes', () => {
    /** The first of its three pieces is here, and its page holds the lock. */
    async function coming() {
      const { infoHash, store, content } = await stored();
      const target = { infoHash, file: 0 };
      const opening = await openIndexedDbStore('shoal/drop/');
      if (opening.kind !== 'opened') throw new Error(opening.why);
      await opening.store.dropContent([madeUpSha256(1), madeUpSha256(2)]);
      let leave = (): void => undefined;
      void locks.request(`shoal/drop/-coming-${infoHash}`, {}, () => {
        return new Promise<void>((resolve) => (leave = resolve));
      });
      expect(await scope.said({ kind: 'prepare-save', target, asItComes: true })).toEqual([
        { kind: 'comes', from: 0, to: 3 },
      ]);
      await scope.said({ kind: 'watch-save', id: 'x', asItComes: target });
      const response = await scope.asked(saveAddress('/drop/', target, 'x'), { mode: 'navigate' });
      const comes = async (piece: number): Promise<void> => {
        const bytes = await store.piece(infoHash, piece);
        await opening.store.putPieces(infoHash, [{ piece, sha256: madeUpSha256(piece), bytes: bytes! }]);
      };
      return { content, comes, leave: () => leave(), whole: response!.arrayBuffer() };
    }
    const pulse = (stored?: number | 'all') => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1);
      scope.tell('message', { data: { kind: 'save-pulse', id: 'x', stored }, ports: [port2] });
    };

    test('is whole when its page has told of the last piece', async () => {
      const { content, comes, whole } = await coming();
      pulse(1);
      await comes(1);
      pulse(2);
      await comes(2);
      pulse('all');
      expect(new Uint8Array(await whole)).toEqual(content);
      await Promise.all(scope.waits);
      expect(await scope.said({ kind: 'known-saves' })).toMatchObject([[{ stands: { kind: 'saved' } }]]);
    });

    test('[SA17] [SA18] fails with its page, and is told to nobody', async () => {
      const { leave, whole } = await coming();
      pulse(1);
      leave();
      await expect(whole).rejects.toThrow();
      await Promise.all(scope.waits);
      expect(await scope.said({ kind: 'known-saves' })).toEqual([[]]);
      expect(await scope.said({ kind: 'save-pulse', id: 'x' })).toEqual([{ kind: 'unknown' }]);
    });

    test('[SA17] goes on without its page where all of it is stored by then', async () => {
      const { content, comes, leave, whole } = await coming();
      for (const piece of [1, 2]) await comes(piece);
      leave();
      expect(new Uint8Array(await whole)).toEqual(content);
    });
  });

  test('[SA9] an address that was used up is nobody’s', async () => {
    const { infoHash } = await stored();
    const address = saveAddress('/drop/', { infoHash, file: 0 }, 'once');
    await scope.said({ kind: 'watch-save', id: 'once' });
    const response = await scope.asked(address, { mode: 'navigate' });
    expect(response?.status).toBe(200);
    await response?.arrayBuffer();
    await Promise.all(scope.waits);
    expect((await scope.asked(address, { mode: 'navigate' }))?.status).toBe(404);
  });

  test('[ST8] knows nothing of what another Shoal of the origin has', async () => {
    const { infoHash } = await stored('shoal');
    expect(await scope.said({ kind: 'prepare-save', target: { infoHash, file: 0 } })).toEqual([
      { kind: 'absent' },
    ]);
  });

  test('says that a share is not here, and that its save failed', async () => {
    const news: unknown[] = [];
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    port1.onmessage = ({ data }) => news.push(data);
    scope.tell('message', { data: { kind: 'watch-save', id: 'x' }, ports: [port2] });
    const target = { infoHash: 'ee'.repeat(32) as InfoHash, file: 0 };
    const response = await scope.asked(saveAddress('/drop/', target, 'x'));
    await Promise.all(scope.waits);
    await delivered();
    expect([response?.status, response?.headers.get('content-type')]).toEqual([
      ...[404, 'text/plain; charset=utf-8'],
    ]);
    expect(news.at(-1)).toEqual({ kind: 'failed', why: 'gone' });
  });

  test.each(['/drop/save/', '/drop/save/abc/0', `/drop/save/${'ee'.repeat(32)}/tar`])(
    'says that nothing is at %s',
    async (address) => {
      const response = await scope.asked(address);
      expect([response?.status, response?.headers.get('cache-control')]).toEqual([404, 'no-store']);
    },
  );

  test('opens storage again where it could not be opened at first', async () => {
    const { infoHash } = await stored();
    const question = { kind: 'prepare-save', target: { infoHash, file: 0 } };
    const closed = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('the disk is full', 'UnknownError');
    });
    expect(await scope.said(question)).toEqual([{ kind: 'absent' }]);
    expect((await scope.asked(saveAddress('/drop/', question.target, 'x')))?.status).toBe(404);
    closed.mockRestore();
    expect(await scope.said(question)).toEqual([{ kind: 'ready' }]);
  });

  test.each([
    null,
    'text',
    7,
    {},
    { kind: 'of a newer page' },
    { kind: 'prepare-save' },
    { kind: 'watch-save' },
  ])('passes over what it does not know: %j', async (question) => {
    expect(await scope.said(question)).toEqual([]);
  });

  test('passes over a question without a port', () => {
    scope.tell('message', { data: { kind: 'watch-save', id: 'x' }, ports: [] });
    expect(scope.waits).toEqual([]);
  });
});
