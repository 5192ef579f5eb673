/** The page's end of the worker, over real Comlink and real ports; the worker at the other end is the test's. */
import * as Comlink from 'comlink';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import type { ShownManifest } from '../worker/contract.ts';
import type { FileChange, OwnSession, WorkerPage } from '../state/session.ts';
import type {
  LogPage,
  SearchRequest,
  PageApi,
  ShareRequest,
  StartOptions,
  TransferSnapshot,
  WorkerApi,
} from '../worker/contract.ts';
import { FIRST_SETTINGS } from '../../shared/peer/settings.ts';
import type { LinksWorker } from './links.ts';
import { whenCodeIsMissing } from '../state/chunks.ts';
import { NotLoaded } from './reaching.ts';
import { openSession } from './session.ts';
import { delivered } from './simple-peer.fixture.ts';

const SHARE = 'ab'.repeat(32) as InfoHash;

/** The chunk of the connections: whether it can be loaded, for whom it was opened, and what it was told. */
const chunk = vi.hoisted(() => {
  const chunk = {
    comes: true,
    worker: null as LinksWorker | null,
    told: [] as unknown[],
    load() {
      if (!chunk.comes) throw new TypeError('Failed to fetch dynamically imported module');
      return { openLinks };
    },
  };
  const told =
    (verb: string) =>
    (...more: unknown[]) =>
      chunk.told.push([verb, ...more]);
  const openLinks = (worker: LinksWorker) => {
    chunk.worker = worker;
    return {
      connect: told('connect'),
      signal: told('signal'),
      disconnect: told('disconnect'),
      closeAll: told('closeAll'),
    };
  };
  return chunk;
});

vi.mock('./connections.ts', () => chunk.load());

const VERBS = [
  'join',
  'open',
  'download',
  'pause',
  'stop',
  'savedByItself',
  'saved',
  'remove',
  'reopen',
] as const;

/** What the code of the worker would be, once it came. */
class WorkerCode implements WorkerApi {
  readonly asked: unknown[] = [];
  page!: PageApi;
  options!: StartOptions;
  faults = false;

  async start(page: PageApi, options: StartOptions): Promise<void> {
    [this.page, this.options] = [page, options];
  }
  async share(request: ShareRequest, progress: Parameters<WorkerApi['share']>[1]) {
    progress({ hashedBytes: 1, totalBytes: 2 });
    return this.#did({ kind: 'shared' as const, infoHash: SHARE }, 'share', request);
  }
  open = (infoHash: InfoHash) => this.#did(undefined, 'open', infoHash);
  download = (infoHash: InfoHash) => this.#did(undefined, 'download', infoHash);
  openResource = (file: Uint8Array) =>
    this.#did({ kind: 'opened' as const, infoHash: SHARE }, 'openResource', file);
  resourceOf = (infoHash: InfoHash) => this.#did(Uint8Array.of(7), 'resourceOf', infoHash);
  pause = (infoHash: InfoHash) => this.#did(undefined, 'pause', infoHash);
  stop = (infoHash: InfoHash) => this.#did(undefined, 'stop', infoHash);
  limit = () => this.#did('set' as const, 'limit');
  order = () => this.#did('set' as const, 'order');
  savedByItself = (infoHash: InfoHash) => this.#did(true, 'savedByItself', infoHash);
  join = (infoHash: InfoHash) => this.#did(undefined, 'join', infoHash);
  saved = (infoHash: InfoHash) => this.#did(undefined, 'saved', infoHash);
  remove = (infoHash: InfoHash) => this.#did(undefined, 'remove', infoHash);
  end = () => this.#did(undefined, 'end');
  library = () => this.#did([], 'library');
  usage = () => this.#did({ bytes: 0, shares: [] }, 'usage');
  availability = (infoHash: InfoHash) => this.#did(Uint8Array.of(1), 'availability', infoHash);
  cancelShare = () => this.#did(undefined, 'cancelShare');
  history = () => this.#did([], 'history');
  clearHistory = () => this.#did(undefined, 'clearHistory');
  transferLog = (page: LogPage) => this.#did([], 'transferLog', page);
  totals = () => this.#did({ down: 0, up: 0, days: [] }, 'totals');
  chronicle = (infoHash: InfoHash, after?: number) => this.#did(null, 'chronicle', infoHash, after);
  disconnect = (infoHash: InfoHash, peer: PeerId) => this.#did(undefined, 'disconnect', infoHash, peer);
  forgetEverything = () => this.#did('forgotten' as const, 'forgetEverything');
  choose = (infoHash: InfoHash, files: readonly number[] | null) =>
    this.#did('chosen' as const, 'choose', infoHash, files);
  filesOf = (infoHash: InfoHash) => this.#did(null, 'filesOf', infoHash);
  foldersOf = (infoHash: InfoHash) => this.#did([['none']], 'foldersOf', infoHash);
  fileProgress = (infoHash: InfoHash) => this.#did(null, 'fileProgress', infoHash);
  allowWeb = (infoHash: InfoHash, allowed: boolean) => this.#did(undefined, 'allowWeb', infoHash, allowed);
  fetchUrl(text: string, progress: Parameters<WorkerApi['fetchUrl']>[1]) {
    progress({ receivedBytes: 1, totalBytes: null });
    return this.#did({ kind: 'begun' as const, infoHash: SHARE }, 'fetchUrl', text);
  }
  cancelFetch = () => this.#did(undefined, 'cancelFetch');
  lendersOf = (url: string) => this.#did(null, 'lendersOf', url);
  lending = () => this.#did({ lends: true, jobs: [], todayBytes: 0, metered: false }, 'lending');
  list = (infoHash: InfoHash, wanted: boolean) => this.#did('noted' as const, 'list', infoHash, wanted);
  search = (request: SearchRequest) =>
    this.#did({ kind: 'found' as const, total: 0, results: [] }, 'search', request);
  pin = (infoHash: InfoHash) => this.#did(undefined, 'pin', infoHash);
  saving = (infoHash: InfoHash) => this.#did(undefined, 'saving', infoHash);
  provide = (infoHash: InfoHash) => this.#did({ kind: 'provided' } as const, 'provide', infoHash);
  handlesOf = (infoHash: InfoHash) => this.#did([], 'handlesOf', infoHash);
  reopen = (infoHash: InfoHash) => this.#did(undefined, 'reopen', infoHash);
  settings = () => this.#did(FIRST_SETTINGS, 'settings');
  changeSettings = () => this.#did(FIRST_SETTINGS, 'changeSettings');
  sharedBefore = () => this.#did(SHARE, 'sharedBefore');
  blobPlan = (infoHash: InfoHash, file: number | null) =>
    this.#did({ file: 0, name: 'a', entries: [], renamed: [] } as const, 'blobPlan', infoHash, file);
  blobOf = (infoHash: InfoHash, file: number) => this.#did(new Blob(['abc']), 'blobOf', infoHash, file);
  fileBytes = (infoHash: InfoHash, file: number, from: number) =>
    this.#did(Uint8Array.of(7), 'fileBytes', infoHash, file, from);
  attemptSignalled = (...told: unknown[]) => this.#did(undefined, 'attemptSignalled', ...told);
  attemptInterrupted = (...told: unknown[]) => this.#did(undefined, 'attemptInterrupted', ...told);
  cameBack = () => this.#did(undefined, 'cameBack');
  attemptEnded = (...told: unknown[]) => this.#did(undefined, 'attemptEnded', ...told);
  async attemptOpened(attempt: number, port: MessagePort, path: string): Promise<void> {
    port.postMessage('close');
    port.close();
    return this.#did(undefined, 'attemptOpened', attempt, path);
  }

  async #did<T>(answer: T, ...asked: unknown[]): Promise<T> {
    this.asked.push(asked);
    if (this.faults) throw new Error('start is the first call');
    return answer;
  }
}

/** A worker whose code comes, or not. */
class FakeWorker {
  static readonly made: FakeWorker[] = [];
  static comes = true;
  readonly code = new WorkerCode();
  readonly options: unknown;
  isTerminated = false;
  onerror: ((event: Event) => void) | null = null;
  readonly #channel = new MessageChannel();

  constructor(_: URL, options: unknown) {
    this.options = options;
    FakeWorker.made.push(this);
    if (FakeWorker.comes) Comlink.expose(this.code, this.#channel.port2);
    else queueMicrotask(() => this.onerror?.(new Event('error')));
  }

  postMessage(message: unknown, transfer: Transferable[]): void {
    this.#channel.port1.postMessage(message, transfer);
  }
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void {
    this.#channel.port1.addEventListener(type, listener);
    this.#channel.port1.start();
  }
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void {
    this.#channel.port1.removeEventListener(type, listener);
  }
  terminate(): void {
    this.isTerminated = true;
    this.#channel.port1.close();
  }
}

class FakeErrorEvent extends Event {
  readonly message: string;
  constructor(message: string) {
    super('error');
    this.message = message;
  }
}

class Page implements WorkerPage {
  readonly told: unknown[] = [];
  snapshotsTaken = (snapshots: readonly TransferSnapshot[]) => this.told.push(['snapshots', snapshots]);
  manifestKnown = (infoHash: InfoHash, manifest: ShownManifest) => this.told.push([infoHash, manifest]);
  removed = (infoHash: InfoHash) => this.told.push(['removed', infoHash]);
  becameShare = (file: InfoHash, share: InfoHash) => this.told.push(['became', file, share]);
  fileChanged = (file: InfoHash, change: FileChange) => this.told.push(['changed', file, change]);
  keptInMemory = (why: string) => this.told.push(['in memory', why]);
  workerBroke = (what: string) => this.told.push(['broke', what]);
  serverAway = () => this.told.push(['away']);
}

let page: Page;
let tab: EventTarget;
/** Statuses of the server's next answers, 0 for none. After them it answers. */
let answers: number[];

beforeEach(() => {
  [page, tab, answers] = [new Page(), new EventTarget(), []];
  [FakeWorker.made.length, FakeWorker.comes] = [0, true];
  [chunk.comes, chunk.worker, chunk.told] = [true, null, []];
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('ErrorEvent', FakeErrorEvent);
  vi.stubGlobal('location', new URL('https://share.example/drop/#/x'));
  vi.stubGlobal('addEventListener', tab.addEventListener.bind(tab));
  vi.stubGlobal('removeEventListener', tab.removeEventListener.bind(tab));
  vi.stubGlobal('fetch', async () => {
    const status = answers.shift() ?? 200;
    if (status === 0) throw new TypeError('Failed to fetch');
    return new Response(null, { status });
  });
});
afterEach(() => {
  for (const worker of FakeWorker.made) worker.terminate();
  vi.unstubAllGlobals();
});

async function opened(
  open = openSession,
): Promise<{ session: OwnSession; worker: FakeWorker; code: WorkerCode }> {
  const session = await open(page);
  const worker = FakeWorker.made.at(-1)!;
  return { session, worker, code: worker.code };
}

describe('the session of a page', () => {
  it('[UI12] tells the worker where the page stands and where the tracker is', async () => {
    const { worker, code } = await opened();
    expect(worker.options).toEqual({ type: 'module', name: 'shoal' });
    expect(code.options).toMatchObject({
      trackerUrl: 'wss://share.example/drop/tracker',
      basePath: '/drop/',
    });
  });

  it('carries what the person asks to the worker, and back what it answers', async () => {
    const { session, code } = await opened();
    const request = { files: [], name: 'a' } as unknown as ShareRequest;
    const progress: unknown[] = [];
    expect(await session.share(request, (step) => progress.push(step))).toEqual({
      ...{ kind: 'shared', infoHash: SHARE },
    });
    for (const verb of VERBS) {
      await session[verb](SHARE);
    }
    expect(await session.library()).toEqual([]);
    expect(await session.provide(SHARE, [], 'sharing')).toEqual({ kind: 'provided' });
    expect(await session.handlesOf(SHARE)).toEqual([]);
    expect([await session.settings(), await session.changeSettings({})]).toEqual([
      FIRST_SETTINGS,
      FIRST_SETTINGS,
    ]);
    expect(await session.sharedBefore(request)).toBe(SHARE);
    expect(await session.blobPlan(SHARE, 3)).toEqual({ file: 0, name: 'a', entries: [], renamed: [] });
    expect(await session.choose(SHARE, [1, 2])).toBe('chosen');
    expect([await session.filesOf(SHARE), await session.fileProgress(SHARE)]).toEqual([null, null]);
    expect(await session.openResource(Uint8Array.of(1))).toEqual({ kind: 'opened', infoHash: SHARE });
    expect(await session.resourceOf(SHARE)).toEqual(Uint8Array.of(7));
    expect(await (await session.blobOf(SHARE, 3))?.text()).toBe('abc');
    expect(await session.foldersOf(SHARE)).toEqual([['none']]);
    expect(await session.fileBytes(SHARE, 3, 100)).toEqual(Uint8Array.of(7));
    await delivered();
    expect(progress).toEqual([{ hashedBytes: 1, totalBytes: 2 }]);
    expect(code.asked).toEqual([
      ['share', request],
      ...VERBS.map((verb) => [verb, SHARE]),
      ['library'],
      ['provide', SHARE],
      ['handlesOf', SHARE],
      ['settings'],
      ['changeSettings'],
      ['sharedBefore'],
      ['blobPlan', SHARE, 3],
      ['choose', SHARE, [1, 2]],
      ['filesOf', SHARE],
      ['fileProgress', SHARE],
      ['openResource', Uint8Array.of(1)],
      ['resourceOf', SHARE],
      ['blobOf', SHARE, 3],
      ['foldersOf', SHARE],
      ['fileBytes', SHARE, 3, 100],
    ]);
  });

  it('[LB11] [LB12] [LB13] [LB15] [LB16] [LB17] [LB18] [PN13] carries what the person asks about what went on, and of the directory', async () => {
    const { session, code } = await opened();
    const peer = 'ab'.repeat(32) as PeerId;
    expect([await session.history(), await session.transferLog({ before: 7, limit: 3 })]).toEqual([[], []]);
    expect(await session.totals()).toEqual({ down: 0, up: 0, days: [] });
    await session.clearHistory();
    await session.list(SHARE, true);
    await session.allowWeb(SHARE, true);
    await session.search({ query: 'film' });
    await session.chronicle(SHARE, 7);
    await session.disconnect(SHARE, peer);
    expect(await session.forgetEverything()).toBe('forgotten');
    expect(code.asked).toEqual([
      ['history'],
      ['transferLog', { before: 7, limit: 3 }],
      ['totals'],
      ['clearHistory'],
      ['list', SHARE, true],
      ['allowWeb', SHARE, true],
      ['search', { query: 'film' }],
      ['chronicle', SHARE, 7],
      ['disconnect', SHARE, peer],
      ['forgetEverything'],
    ]);
  });

  it('[WS40] carries web addresses, how far their streams are, and what is lent', async () => {
    const { session, code } = await opened();
    const progress: unknown[] = [];
    const url = 'https://files.example/film.bin';
    expect(await session.fetchUrl(url, (step) => progress.push(step))).toEqual({
      kind: 'begun',
      infoHash: SHARE,
    });
    await session.cancelFetch();
    expect(await session.lendersOf(url)).toBeNull();
    expect(await session.lending()).toMatchObject({ lends: true, metered: false });
    await delivered();
    expect(progress).toEqual([{ receivedBytes: 1, totalBytes: null }]);
    expect(code.asked).toEqual([['fetchUrl', url], ['cancelFetch'], ['lendersOf', url], ['lending']]);
  });

  it('[WK3] carries what happens to the page', async () => {
    const { code } = await opened();
    code.page.snapshotsTaken([{ infoHash: SHARE } as TransferSnapshot]);
    code.page.manifestKnown(SHARE, { name: 'a' } as ShownManifest);
    code.page.becameShare(SHARE, SHARE);
    code.page.fileChanged(SHARE, 'begins');
    code.page.removed(SHARE);
    await delivered();
    expect(page.told).toEqual([
      ['snapshots', [{ infoHash: SHARE }]],
      [SHARE, { name: 'a' }],
      ['became', SHARE, SHARE],
      ['changed', SHARE, 'begins'],
      ['removed', SHARE],
    ]);
  });
});

describe('[WK5] the worker’s code', () => {
  it('is asked for again where it did not come, in a new worker', async () => {
    FakeWorker.comes = false;
    const session = openSession(page);
    await vi.waitUntil(() => FakeWorker.made.length === 1);
    FakeWorker.comes = true;
    expect(await session).toHaveProperty('open');
    expect([FakeWorker.made.length, page.told]).toEqual([2, []]);
  });

  it('[AP6] is given up where the server answers and it does not come, and each time somebody is told', async () => {
    FakeWorker.comes = false;
    let missing = 0;
    whenCodeIsMissing(() => (missing += 1));
    await expect(openSession(page)).rejects.toThrow(NotLoaded);
    expect([FakeWorker.made.length, missing]).toEqual([3, 3]);
    whenCodeIsMissing(() => undefined);
  });

  it('is waited for while the server is away, which the page is told', async () => {
    FakeWorker.comes = false;
    answers = [0, 502];
    const session = openSession(page);
    await vi.waitUntil(() => page.told.length === 1);
    tab.dispatchEvent(new Event('online'));
    await vi.waitUntil(() => page.told.length === 2);
    FakeWorker.comes = true;
    tab.dispatchEvent(new Event('online'));
    await session;
    expect([page.told, FakeWorker.made.length]).toEqual([[['away'], ['away']], 2]);
  });
});

describe('[WK1] a worker that breaks', () => {
  it.each<[string, (opened: { worker: FakeWorker; code: WorkerCode }) => void]>([
    ['throws', ({ worker }) => worker.onerror?.(new FakeErrorEvent('a fault'))],
    ['says so', ({ code }) => code.page.workerBroke('a fault')],
  ])('and %s ends everything, and the page is told once', async (_, breaks) => {
    const broken = await opened();
    broken.code.page.connect(1, 'dialler', false);
    await delivered();
    breaks(broken);
    await delivered();
    broken.worker.onerror?.(new FakeErrorEvent('another one, on its way'));
    expect(page.told).toEqual([['broke', 'a fault']]);
    expect(broken.worker.isTerminated).toBe(true);
    expect(chunk.told.at(-1)).toEqual(['closeAll']);
  });

  it('is one that refuses what the page tells of a connection', async () => {
    const { worker, code } = await opened();
    code.page.connect(1, 'dialler', false);
    await delivered();
    code.faults = true;
    chunk.worker?.attemptSignalled(1, []);
    chunk.worker?.attemptEnded(1);
    await delivered();
    expect(page.told).toEqual([['broke', 'Error: start is the first call']]);
    expect(worker.isTerminated).toBe(true);
  });
});

describe('[PN1] the page’s connections', () => {
  it('are loaded with the first of them, and are told everything in its order', async () => {
    const { code } = await opened();
    await delivered();
    expect(chunk.worker).toBeNull();
    code.page.connect(1, 'dialler', false);
    code.page.signal(1, [{ type: 'answer', sdp: 'v=0' }]);
    code.page.disconnect(1);
    await delivered();
    expect(chunk.told).toEqual([
      ['connect', 1, 'dialler', false],
      ['signal', 1, [{ type: 'answer', sdp: 'v=0' }]],
      ['disconnect', 1],
    ]);
  });

  it('are loaded ahead when a link is opened', async () => {
    const { session } = await opened();
    await session.open(SHARE);
    await delivered();
    expect([chunk.worker === null, chunk.told]).toEqual([false, []]);
  });

  it('tell the worker what comes of them, and hand the port over', async () => {
    const { code } = await opened();
    code.page.connect(1, 'dialler', false);
    await delivered();
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port1.onmessage = ({ data }) => heard.push(data);
    chunk.worker?.attemptSignalled(1, ['an offer']);
    chunk.worker?.attemptOpened(1, port2, 'relayed');
    chunk.worker?.attemptEnded(1);
    await delivered();
    expect(heard).toEqual(['close']);
    expect(code.asked).toEqual([
      ['attemptSignalled', 1, ['an offer']],
      ['attemptOpened', 1, 'relayed'],
      ['attemptEnded', 1],
    ]);
  });

  it('[WK5] are not asked for where the server is away: the attempt failed, and the next one tries again', async () => {
    const { code } = await opened();
    answers = [0];
    code.page.connect(1, 'dialler', false);
    await delivered();
    expect([chunk.worker, code.asked]).toEqual([null, [['attemptEnded', 1]]]);
    code.page.connect(2, 'dialler', false);
    await delivered();
    expect(chunk.told).toEqual([['connect', 2, 'dialler', false]]);
  });

  it('[WK5] that cannot be loaded are an attempt that failed, and the next one tries again', async () => {
    vi.resetModules(); // a module that came once is there for good
    vi.doMock('./connections.ts', () => chunk.load());
    chunk.comes = false;
    const { code } = await opened((await import('./session.ts')).openSession);
    code.page.connect(1, 'dialler', false);
    code.page.signal(1, [{ type: 'answer', sdp: 'v=0' }]);
    await vi.waitUntil(() => code.asked.length > 0);
    expect([code.asked, page.told]).toEqual([[['attemptEnded', 1]], []]);
    chunk.comes = true;
    code.page.connect(2, 'dialler', false);
    await vi.waitUntil(() => chunk.told.length > 0);
    expect(chunk.told).toEqual([['connect', 2, 'dialler', false]]);
  });

  it('close when the page goes, where there are any', async () => {
    const { code } = await opened();
    tab.dispatchEvent(new Event('pagehide'));
    code.page.connect(1, 'dialler', false);
    await delivered();
    tab.dispatchEvent(new Event('pagehide'));
    expect(chunk.told).toEqual([['connect', 1, 'dialler', false], ['closeAll']]);
  });

  it('[LB8] tell the worker that it is the end, unless the page may come back', async () => {
    const { code } = await opened();
    tab.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    await delivered();
    expect(code.asked).toEqual([]);
    tab.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: false }));
    await delivered();
    expect(code.asked).toEqual([['end']]);
  });

  it('[PN11] are made again when the page is brought back, or looked at again', async () => {
    const { code } = await opened();
    const shows = (persisted: boolean) => Object.assign(new Event('pageshow'), { persisted });
    code.page.connect(1, 'dialler', false);
    await delivered();
    tab.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    tab.dispatchEvent(shows(false)); // as at the very first
    await delivered();
    expect(code.asked).toEqual([]);
    tab.dispatchEvent(shows(true));
    await delivered();
    expect(code.asked).toEqual([['cameBack']]);
    code.page.connect(2, 'dialler', false);
    await delivered();
    expect(chunk.told.at(-1)).toEqual(['connect', 2, 'dialler', false]);
    for (const visibilityState of ['hidden', 'visible']) {
      vi.stubGlobal('document', { visibilityState });
      tab.dispatchEvent(new Event('visibilitychange'));
    }
    await delivered();
    expect(code.asked).toEqual([['cameBack'], ['cameBack']]);
  });
});
