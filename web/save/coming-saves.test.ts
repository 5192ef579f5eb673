import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { delivered } from '../net/simple-peer.fixture.ts';
import { idOf, manifestOf, transferOf } from '../state/transfer.fixture.ts';
import type { Transfer } from '../state/session.ts';
import { FakeLocks } from '../testing/fake-locks.ts';
import type { SaveNews, SaveQuestion, SaveReadiness } from '../worker/saving/save-messages.ts';
import { ComingSaves } from './coming-saves.ts';

const SHARE = idOf('a');
const LOCK = `shoal/drop/-coming-${SHARE}`;

const workers = vi.hoisted(() => ({ active: null as object | null }));
vi.mock('./service-worker.ts', async (original) => ({
  ...(await original<object>()),
  activeServiceWorker: async () => workers.active,
}));

/** A service worker that says what the test has it say, and notes what it is told. */
class FakeWorker {
  readonly opened: SaveQuestion[] = [];
  readonly told: unknown[] = [];
  readiness: SaveReadiness | null = { kind: 'comes', from: 0, to: 4 };
  /** It was stopped since. */
  hasForgotten = false;
  /** What it is told is not answered before the test says so. */
  isBusy = false;
  answer: () => void = () => undefined;
  #news: MessagePort | null = null;

  postMessage(question: SaveQuestion, [port]: [MessagePort]): void {
    ports.push(port);
    if (question.kind === 'save-pulse') return this.#pulse(question.stored, port);
    this.opened.push(question);
    if (question.kind === 'prepare-save' && this.readiness !== null) port.postMessage(this.readiness);
    if (question.kind !== 'watch-save') return;
    this.#news = port;
    for (const kind of ['watching', 'begun'] as const) this.says({ kind });
  }

  says(news: SaveNews): void {
    this.#news?.postMessage(news);
  }

  #pulse(stored: unknown, port: MessagePort): void {
    if (stored !== undefined) this.told.push(stored);
    const answer = (): void => port.postMessage({ kind: this.hasForgotten ? 'unknown' : 'under-way' });
    if (this.isBusy) this.answer = answer;
    else answer();
  }
}

const ports: MessagePort[] = [];
let worker: FakeWorker;
let locks: FakeLocks;
let saves: ComingSaves;
let elsewhere: number;
let frames: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  [worker, locks, saves, elsewhere, frames] = [new FakeWorker(), new FakeLocks(), new ComingSaves(), 0, 0];
  workers.active = worker;
  vi.stubGlobal('navigator', { locks });
  vi.stubGlobal('location', new URL('https://share.example/drop/'));
  const frame = { remove: () => void (frames -= 1) };
  vi.stubGlobal('document', {
    createElement: () => frame,
    body: { append: () => void (frames += 1) },
  });
});
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Four pieces, of which those are stored. */
function comes(stored: readonly number[], changes: Partial<Transfer> = {}): Transfer {
  const pieces = Uint8Array.from([0, 1, 2, 3], (piece) => (stored.includes(piece) ? 2 : 1));
  const figures = { phase: 'downloading', down: 9, storedBytes: stored.length * 10, pieces } as const;
  return transferOf({ infoHash: SHARE, manifest: manifestOf([40]), ...figures, ...changes });
}

async function taken(...given: Parameters<typeof comes>): Promise<void> {
  saves.taken(comes(...given));
  await delivered();
}

const press = () => saves.askedFor(SHARE, () => (elsewhere += 1));

async function begun(): Promise<void> {
  press();
  await taken([0]);
  expect([frames, worker.told]).toEqual([1, [1]]);
}

describe('[SA16] a file that was asked for is saved while it comes', () => {
  test('[SA17] from when its first piece is stored, with a lock that no other tab has then', async () => {
    press();
    await taken([], { down: 9 });
    await taken([0], { down: 0 });
    expect([worker.opened, locks.held]).toEqual([[], []]);
    await taken([0]);
    const target = { infoHash: SHARE, file: 0 };
    expect(worker.opened).toEqual([
      { kind: 'prepare-save', target, asItComes: true },
      { kind: 'watch-save', id: expect.any(String), asItComes: target },
    ]);
    expect([frames, locks.held]).toEqual([1, [LOCK]]);
  });

  test('and not before somebody asks, nor several files, nor one without hashes', async () => {
    await taken([0]);
    press();
    await taken([0], { manifest: manifestOf([20, 20]) });
    await taken([0], { manifest: null });
    await taken([0], { web: { known: true } as unknown as NonNullable<Transfer['web']> });
    await taken([0], { phase: 'paused' });
    expect(worker.opened).toEqual([]);
  });

  test('tells how far it is stored from its beginning on, when that changes, and then all', async () => {
    await begun();
    await taken([0, 2]);
    await taken([0, 2, 3]);
    expect(worker.told).toEqual([1]);
    await taken([0, 1, 2]);
    await taken([0, 1, 2, 3]);
    expect(worker.told).toEqual([1, 3, 'all']);
  });

  test('tells again only when that was answered, and then the latest', async () => {
    worker.isBusy = true;
    await begun();
    for (const stored of [
      [0, 1],
      [0, 1, 2],
    ])
      await taken(stored);
    expect(worker.told).toEqual([1]);
    worker.answer();
    await delivered();
    expect(worker.told).toEqual([1, 3]);
  });

  test('[SA12] counts the pieces of the only wanted file', async () => {
    worker.readiness = { kind: 'comes', from: 2, to: 4 };
    press();
    const wanted = { onlyFile: 1, files: 1, bytes: 20, storedBytes: 0 } as Transfer['wanted'];
    const several = { manifest: manifestOf([20, 20]), wanted };
    await taken([0], several);
    await taken([0, 2], several);
    await taken([2, 3], several);
    expect([worker.told, worker.opened[0]]).toMatchObject([[2, 3, 'all'], { target: { file: 1 } }]);
  });

  test('is saved when the service worker says so, and is not begun again', async () => {
    await begun();
    const end = saves.finish(SHARE);
    await delivered();
    expect(worker.told).toEqual([1, 'all']);
    worker.says({ kind: 'saved' });
    expect(await end).toBe('saved');
    await delivered();
    expect([locks.held, saves.finish(SHARE)]).toEqual([[], null]);
    await taken([0]);
    expect(worker.opened).toHaveLength(2);
  });

  test('stands still while it is paused, and goes on', async () => {
    await begun();
    await taken([0], { phase: 'paused', down: 0 });
    expect(locks.held).toEqual([LOCK]);
    press();
    await taken([0, 1]);
    expect([worker.opened.length, worker.told]).toEqual([2, [1, 2]]);
  });
});

describe('[SA18] what breaks off', () => {
  const end = async (): Promise<unknown> => {
    const over = saves.finish(SHARE);
    await delivered();
    return over;
  };

  test.each<[string, () => void, string]>([
    ['there is no service worker', () => (workers.active = null), 'broken'],
    ['an older one knows nothing of it', () => (worker.readiness = { kind: 'incomplete' }), 'broken'],
    ['its share is not in storage', () => (worker.readiness = { kind: 'absent' }), 'broken'],
    ['there are no locks', () => vi.stubGlobal('navigator', {}), 'broken'],
    [
      'another tab does it',
      () => void locks.request(LOCK, {}, () => new Promise(() => undefined)),
      'elsewhere',
    ],
  ])('before it began, where %s', async (_, arrange, cameTo) => {
    arrange();
    press();
    await taken([0]);
    expect([frames, elsewhere]).toEqual([0, cameTo === 'elsewhere' ? 1 : 0]);
    expect(await end()).toBe(cameTo);
  });

  test.each([
    ['cancelled', 'cancelled'],
    ['gone', 'broken'],
  ] as const)('is told as what it was: %s', async (why, cameTo) => {
    await begun();
    worker.says({ kind: 'failed', why });
    await delivered();
    expect(locks.held).toEqual([]);
    await taken([0, 1]);
    expect(worker.opened).toHaveLength(2);
    expect(await end()).toBe(cameTo);
  });

  test('is begun anew with the next press', async () => {
    await begun();
    worker.says({ kind: 'failed', why: 'cancelled' });
    await delivered();
    press();
    await taken([0, 1]);
    expect([worker.opened.length, worker.told]).toEqual([4, [1, 2]]);
  });

  test('is found out where the browser stopped the service worker', async () => {
    await begun();
    worker.hasForgotten = true;
    await taken([0, 1]);
    for (let second = 0; second < 12; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await delivered();
    }
    expect(await end()).toBe('broken');
    expect(locks.held).toEqual([]);
  });

  test.each<[string, () => void]>([
    ['its share is removed', () => saves.removed(SHARE)],
    ['it fails', () => saves.taken(comes([0], { phase: 'failed' }))],
    ['it is stopped', () => saves.taken(comes([0], { phase: 'stopped' }))],
    ['more is wanted', () => saves.taken(comes([0], { manifest: manifestOf([20, 20]) }))],
  ])('is given up where %s: the lock goes, and with it the download in the browser', async (_, happens) => {
    await begun();
    happens();
    await delivered();
    expect(locks.held).toEqual([]);
    expect(worker.told).toEqual([1]);
  });

  test('is begun anew with the next press, although the service worker has not said that it is over', async () => {
    await begun();
    saves.taken(comes([0], { phase: 'stopped' }));
    await delivered();
    press();
    await taken([0, 1]);
    expect(worker.opened).toHaveLength(4);
  });

  test('is not begun any more where its share was removed before', async () => {
    press();
    saves.removed(SHARE);
    await taken([0]);
    expect(worker.opened).toEqual([]);
  });
});
