/** What the page asks of all shares or of one, and which machines hear of it. Drivers and the tracker are fakes. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EngineConfig } from '../../shared/engine/engine.ts';
import type { Input, PieceOrder } from '../../shared/engine/io.ts';
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import { MAX_FIRST_RANGES } from '../../shared/limits.ts';
import type { RateLimits } from './contract.ts';
import { Shares } from './shares.ts';
import { MemoryStore } from './store/memory-store.ts';

const { drivers } = vi.hoisted(() => ({ drivers: [] as { config: EngineConfig; fed: Input[] }[] }));

vi.mock('./driver.ts', () => ({
  ShareDriver: class {
    readonly fed: Input[] = [];
    readonly relayedPeers = 0;
    constructor(config: EngineConfig) {
      drivers.push({ config, fed: this.fed });
    }
    feed(input: Input): void {
      this.fed.push(input);
    }
    snapshot(): object {
      return { phase: 'ready', manifest: null };
    }
  },
}));

vi.mock('./tracker-client.ts', () => ({
  TrackerClient: class {
    readonly isOpen = false;
  },
}));

const [ONE, OTHER] = ['a1'.repeat(32), 'b2'.repeat(32)] as [InfoHash, InfoHash];
const NONE: RateLimits = { up: null, down: null, peerUp: null, peerDown: null };

function fedLimits(nth: number): Input[] {
  return drivers[nth]!.fed.filter(({ kind }) => kind === 'limits-changed');
}

let shares: Shares;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('self', { addEventListener: () => undefined });
  drivers.length = 0;
  const page = {
    snapshotsTaken: () => undefined,
    dial: () => undefined,
    signalReceived: () => undefined,
    peerUnreachable: () => undefined,
    workerBroke: (what: string) => expect.unreachable(what),
  };
  shares = new Shares({
    own: 'c3'.repeat(32) as PeerId,
    store: new MemoryStore(),
    page,
    trackerUrl: 'ws://tracker.example',
    basePath: '/',
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('[WK6] rate limits', () => {
  test('[WK6] reach every open share, whose machines draw from the same buckets', async () => {
    await shares.open(ONE);
    await shares.open(OTHER);
    const limits = { up: 50_000, down: 0, peerUp: 1.5, peerDown: null };
    expect(shares.limit(limits)).toBe('set');
    for (const nth of [0, 1]) expect(fedLimits(nth).at(-1)).toEqual({ kind: 'limits-changed', ...limits });
    const [first, second] = drivers.map(({ config }) => config.limits);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });

  test('[WK6] hold for shares that are opened later, and the last ones count', async () => {
    shares.limit({ ...NONE, up: 1 });
    shares.limit({ ...NONE, down: 70_000 });
    await shares.open(ONE);
    expect(fedLimits(0)).toEqual([{ kind: 'limits-changed', ...NONE, down: 70_000 }]);
    shares.limit(NONE);
    await shares.open(OTHER);
    expect(fedLimits(0).at(-1)).toEqual({ kind: 'limits-changed', ...NONE });
    expect(fedLimits(1)).toEqual([{ kind: 'limits-changed', ...NONE }]);
  });

  test.each([
    { ...NONE, up: -1 },
    { ...NONE, down: NaN },
    { ...NONE, peerUp: Infinity },
    { ...NONE, peerDown: '5' },
    { up: 1, down: 1, peerUp: 1 },
    null,
    7,
  ])('[WK6] %j is refused, and what held before holds', async (limits) => {
    await shares.open(ONE);
    shares.limit({ ...NONE, up: 5 });
    expect(shares.limit(limits as RateLimits)).toBe('refused');
    expect(fedLimits(0).at(-1)).toEqual({ kind: 'limits-changed', ...NONE, up: 5 });
    await shares.open(OTHER);
    expect(fedLimits(1)).toEqual([{ kind: 'limits-changed', ...NONE, up: 5 }]);
  });
});

describe('[WK6] the order of pieces', () => {
  const ordered = (nth: number): Input[] => drivers[nth]!.fed.filter(({ kind }) => kind === 'order-changed');

  test('[WK6] [PK2] reaches the share it is meant for', async () => {
    await shares.open(ONE);
    await shares.open(OTHER);
    const order: PieceOrder = { kind: 'rarest', first: [{ from: 5, to: 9 }] };
    expect(await shares.order(OTHER, order)).toBe('set');
    expect(await shares.order(OTHER, { kind: 'sequential' })).toBe('set');
    expect(ordered(0)).toEqual([]);
    expect(ordered(1)).toEqual([
      { kind: 'order-changed', order },
      { kind: 'order-changed', order: { kind: 'sequential' } },
    ]);
  });

  test('[WK6] [PK2] waits for a share that is being opened', async () => {
    const opening = shares.open(ONE);
    expect(drivers).toHaveLength(0);
    expect(await shares.order(ONE, { kind: 'sequential' })).toBe('set');
    await opening;
    expect(ordered(0)).toEqual([{ kind: 'order-changed', order: { kind: 'sequential' } }]);
  });

  test('[WK6] opens no share', async () => {
    expect(await shares.order(ONE, { kind: 'sequential' })).toBe('not-open');
    expect(drivers).toHaveLength(0);
  });

  test.each([
    { kind: 'random' },
    {},
    { kind: 'sequential', first: [{ from: 0.5, to: 2 }] },
    { kind: 'sequential', first: [{ from: -1, to: 2 }] },
    { kind: 'sequential', first: [{ from: 1 }] },
    { kind: 'sequential', first: { from: 1, to: 2 } },
    { kind: 'rarest', first: Array.from({ length: MAX_FIRST_RANGES + 1 }, () => ({ from: 0, to: 1 })) },
    null,
  ])('[WK6] refuses what is no order: %j', async (order) => {
    await shares.open(ONE);
    expect(await shares.order(ONE, order as PieceOrder)).toBe('refused');
    expect(ordered(0)).toEqual([]);
  });
});
