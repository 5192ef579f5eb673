import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { delivered } from '../net/simple-peer.fixture.ts';
import type { SavePulse, ToldSave } from '../worker/saving/save-messages.ts';
import { hearTold } from './told-saves.ts';

const SHARE = 'ab'.repeat(32) as InfoHash;
const workers = vi.hoisted(() => ({
  active: null as object | null,
  known: [] as unknown,
  pulse: { kind: 'under-way' } as unknown,
  asked: [] as string[],
}));
vi.mock('./service-worker.ts', async (original) => ({
  ...(await original<object>()),
  presentServiceWorker: async () => workers.active,
  ask: async (_: object, { kind }: { kind: string }) => {
    workers.asked.push(kind);
    return kind === 'known-saves' ? workers.known : workers.pulse;
  },
}));

let channel: BroadcastChannel;
let heard: unknown[];
const save = (stands: ToldSave['stands'], id = 'id'): ToldSave => ({ id, infoHash: SHARE, stands });
const underWay = save({ kind: 'under-way' });
const cancelled = { kind: 'failed', why: expect.stringContaining('cancelled there or the disk is full') };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('location', new URL('https://share.example/drop/'));
  Object.assign(workers, {
    active: {},
    known: [],
    pulse: { kind: 'under-way' } satisfies SavePulse,
    asked: [],
  });
  heard = [];
  channel = new BroadcastChannel('shoal/drop/-saves');
});
afterEach(() => {
  channel.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function tells(...told: ToldSave[]): Promise<void> {
  for (const each of told) channel.postMessage(each);
  await delivered();
}

/** Pages of earlier tests still listen: each hears for itself. */
function hear(): Promise<void> {
  const own = heard;
  return hearTold((infoHash, state) => own.push(infoHash === SHARE ? state : infoHash));
}

describe('[SA10] saves that this page did not begin', () => {
  test('are told of as they stand when it is loaded, and as they end', async () => {
    workers.known = [save({ kind: 'failed', why: 'cancelled' }, 'earlier'), underWay];
    await hear();
    await delivered();
    expect(heard).toEqual([cancelled, { kind: 'started' }]);
    await tells(save({ kind: 'saved' }));
    expect(heard.slice(2)).toEqual([{ kind: 'saved' }]);
  });

  test('[SA12] one file out of several is no news of the share, and is kept going all the same', async () => {
    workers.known = [{ ...underWay, isPart: true }];
    await hear();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(workers.asked).toEqual(['known-saves', 'save-pulse']);
    await tells({ ...save({ kind: 'saved' }), isPart: true });
    expect(heard).toEqual([]);
  });

  test('are told of when another tab begins one, once', async () => {
    await hear();
    await tells(underWay, underWay, save({ kind: 'failed', why: 'cancelled' }));
    expect(heard).toEqual([{ kind: 'started' }, cancelled]);
  });

  test('keep the service worker awake, and have failed where it was stopped and forgot them', async () => {
    workers.known = [underWay];
    await hear();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(workers.asked).toEqual(['known-saves', 'save-pulse', 'save-pulse']);
    workers.pulse = { kind: 'unknown' };
    await vi.advanceTimersByTimeAsync(11_000);
    expect(heard.at(-1)).toEqual({ kind: 'failed', why: expect.stringContaining('stopped the download') });
  });

  test.each([
    ['an older service worker that does not answer', () => (workers.known = null)],
    ['no service worker', () => (workers.active = null)],
  ])('are heard of on the channel alone where there is %s', async (_, arrange) => {
    arrange();
    await hear();
    expect(heard).toEqual([]);
    await tells(save({ kind: 'saved' }));
    expect(heard).toEqual([{ kind: 'saved' }]);
  });
});
