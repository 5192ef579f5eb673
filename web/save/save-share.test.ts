import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { manifestOf, transferOf } from '../state/transfer.fixture.ts';
import type { SaveEnd, Session } from '../state/session.ts';

const saves = vi.hoisted(() => ({
  blobSave: vi.fn(),
  streamedSave: vi.fn(),
  finish: vi.fn(),
  hearTold: vi.fn(),
  answerVersionQuestions: vi.fn(),
}));
const workers = vi.hoisted(() => ({ active: null as object | null, registered: 'not-here' }));
let loads: number;

/** What saves as a Blob is loaded anew in every test, as by a page. */
async function page(server: 'there' | 'away') {
  vi.resetModules();
  loads = 0;
  vi.doMock('./blob-save.ts', () => {
    loads++;
    if (server === 'away') throw new Error('Failed to fetch dynamically imported module');
    return { blobSave: saves.blobSave };
  });
  vi.doMock('./streamed-save.ts', () => ({
    streamedSave: saves.streamedSave,
    endOf: (end: object) => ({ ...end, told: true }),
  }));
  vi.doMock('./coming-saves.ts', () => ({
    ComingSaves: class {
      readonly finish = saves.finish;
    },
  }));
  vi.doMock('./told-saves.ts', () => ({ hearTold: saves.hearTold }));
  vi.doMock('./service-worker.ts', () => ({
    answerVersionQuestions: saves.answerVersionQuestions,
    activeServiceWorker: async () => workers.active,
    presentServiceWorker: async () => workers.active,
    registerServiceWorker: async () => workers.registered,
  }));
  return import('./save-share.ts');
}

beforeEach(() => {
  saves.blobSave.mockReset().mockResolvedValue({ kind: 'saved' });
  saves.streamedSave.mockReset().mockResolvedValue({ kind: 'started' });
  workers.active = {};
  workers.registered = 'registered';
});
afterEach(() => {
  vi.doUnmock('./blob-save.ts');
  vi.doUnmock('./streamed-save.ts');
  vi.doUnmock('./coming-saves.ts');
  vi.doUnmock('./told-saves.ts');
  vi.doUnmock('./service-worker.ts');
});

const session = {} as Session;
const one = transferOf({ manifest: manifestOf([5]) });

async function saved(server: 'there' | 'away' = 'there', transfer = one) {
  const { saveShare } = await page(server);
  const ends: SaveEnd[] = [];
  const outcome = await saveShare(transfer, session, (end) => ends.push(end));
  return { outcome, ends };
}

describe('saving a share', () => {
  test('[SA2] goes through the service worker, which tells the end itself', async () => {
    expect(await saved()).toEqual({ outcome: { kind: 'started' }, ends: [] });
    expect(saves.blobSave).not.toHaveBeenCalled();
  });

  test.each([
    [[5], 0],
    [[5, 6], 'zip'],
  ])('[SA1] asks it for the file itself or a zip: %j', async (sizes, file) => {
    await saved('there', transferOf({ manifest: manifestOf(sizes) }));
    expect(saves.streamedSave.mock.calls[0]?.[1]).toMatchObject({ file });
  });

  test('[SA2] what the service worker says of a share that lacks a piece is final', async () => {
    saves.streamedSave.mockResolvedValue({ kind: 'failed', why: 'gone' });
    expect((await saved()).outcome).toEqual({ kind: 'failed', why: 'gone' });
    expect(saves.blobSave).not.toHaveBeenCalled();
  });

  test.each([
    ['there is no service worker', () => (workers.active = null)],
    ['it cannot', () => saves.streamedSave.mockResolvedValue({ kind: 'impossible' })],
  ])('[SA6] is a Blob where %s', async (_, arrange) => {
    arrange();
    expect(await saved()).toEqual({ outcome: { kind: 'started' }, ends: [{ kind: 'saved' }] });
  });

  test('[SA6] says that the server is away where what saves cannot be loaded', async () => {
    workers.active = null;
    expect(await saved('away')).toMatchObject({
      outcome: { kind: 'failed', why: expect.stringContaining('cannot be reached') },
      ends: [],
    });
  });

  test('[SA1] waits for the list of files', async () => {
    expect((await saved('there', transferOf({}))).outcome.kind).toBe('failed');
  });
});

describe('[SA18] what is due', () => {
  async function due(cameTo: string | null) {
    saves.finish.mockReset().mockReturnValue(cameTo === null ? null : Promise.resolve(cameTo));
    const { saveShare } = await page('there');
    const ends: SaveEnd[] = [];
    const outcome = await saveShare(one, session, (end) => ends.push(end), 'due');
    expect(saves.finish).toHaveBeenCalledExactlyOnceWith(one.infoHash);
    return { outcome, ends, isAnew: saves.streamedSave.mock.calls.length > 0 };
  }

  test('and came into the downloads is saved', async () => {
    expect(await due('saved')).toEqual({
      ...{ outcome: { kind: 'started' }, isAnew: false },
      ends: [{ kind: 'saved', told: true }],
    });
  });

  test('and was cancelled in the browser is not saved anew', async () => {
    expect(await due('cancelled')).toEqual({
      ...{ outcome: { kind: 'started' }, isAnew: false },
      ends: [{ kind: 'failed', why: 'cancelled', told: true }],
    });
  });

  test('and stands still in the browser is under way, and may be saved again', async () => {
    saves.finish.mockReset().mockReturnValue(new Promise(() => undefined));
    const { saveShare } = await page('there');
    expect(await saveShare(one, session, () => undefined, 'due')).toEqual({ kind: 'started' });
  });

  test.each([null, 'broken', 'elsewhere'])('and came no way (%s) is saved from storage', async (cameTo) => {
    expect(await due(cameTo)).toEqual({ outcome: { kind: 'started' }, ends: [], isAnew: true });
  });
});

describe('getting ready to save', () => {
  const heard = () => undefined;

  test('[SA10] hears of saves where there is a service worker, and of none where there is not', async () => {
    saves.hearTold.mockClear();
    workers.registered = 'not-here';
    await (await page('there')).prepareSaving('https://share.example/assets/index-1.js', heard);
    expect(saves.hearTold).not.toHaveBeenCalled();
    workers.registered = 'registered';
    await (await page('there')).prepareSaving('https://share.example/assets/index-1.js', heard);
    expect(saves.hearTold).toHaveBeenCalledExactlyOnceWith(heard);
  });

  test('[SA6] loads what saves as a Blob while the server is there, and only where it will be needed', async () => {
    await (await page('there')).prepareSaving('https://share.example/assets/index-1.js', heard);
    expect(loads).toBe(0);
    workers.registered = 'not-here';
    await (await page('there')).prepareSaving('https://share.example/assets/index-1.js', heard);
    expect(loads).toBe(1);
    // The server may be gone before the one that is being installed has all that it needs.
    [workers.registered, workers.active] = ['registered', null];
    await (await page('there')).prepareSaving('https://share.example/assets/index-1.js', heard);
    expect(loads).toBe(1);
    await (await page('away')).prepareSaving('https://share.example/assets/index-1.js', heard);
  });
});
