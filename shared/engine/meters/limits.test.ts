/**
 * Rate limits through real engines on a network that is faster than they are: what arrives in a window of 10 s, after
 * a warm-up, is what the limit says within 5 %; below 256 KB/s within 20 s.
 */
import { describe, expect, test } from 'vitest';
import type { Input } from '../io.ts';
import { testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import { TimedLab } from '../testing/timed-lab.ts';

const SHARE = makeShare({ pieces: evenPieces(256, 262_144) });
const WARM_UP_MS = 1_500;
const WINDOW_MS = 10_000;
const LONG_WINDOW_MS = 20_000;
const TOLERANCE = 0.05;

type Limits = Partial<Record<'up' | 'down' | 'peerUp' | 'peerDown', number | null>>;
type Direction = 'up' | 'down';

function limit(machine: LabMachine, limits: Limits): void {
  const none = { up: null, down: null, peerUp: null, peerDown: null };
  machine.tell({ kind: 'limits-changed', ...none, ...limits } satisfies Input);
}

/** One machine that is limited, and others that it gives to (`up`) or takes from (`down`), who know nobody else. */
interface Scene {
  readonly lab: TimedLab;
  readonly limited: LabMachine;
  readonly others: readonly LabMachine[];
  /** Payload that moved between the limited one and this other one, or all of them, in the next `ms`. */
  moved(ms: number): { all: number; each: number[] };
}

function scene(direction: Direction, others: number, rng = 1): Scene {
  const lab = new TimedLab(rng);
  const [one, rest] = direction === 'up' ? (['seed', 'knows'] as const) : (['knows', 'seed'] as const);
  const limited = lab.machine({ id: testPeer(1), share: SHARE, as: one });
  const peers = Array.from({ length: others }, (_, nth) =>
    lab.machine({ id: testPeer(nth + 2), share: SHARE, as: rest }),
  );
  for (const peer of peers) lab.join(limited, peer);
  for (const leecher of direction === 'up' ? peers : [limited]) leecher.tell({ kind: 'download-requested' });
  const moved = (ms: number): { all: number; each: number[] } => {
    const since = lab.now;
    lab.advance(ms);
    const each = peers.map((peer) =>
      lab.received(direction === 'up' ? { from: limited, to: peer } : { from: peer, to: limited }, since),
    );
    return { all: each.reduce((sum, bytes) => sum + bytes, 0), each };
  };
  return { lab, limited, others: peers, moved };
}

function expectRate(bytes: number, ms: number, rate: number): void {
  const measured = (bytes * 1000) / ms;
  expect(measured / rate, `${Math.round(measured)} bytes a second`).toBeGreaterThan(1 - TOLERANCE);
  expect(measured / rate, `${Math.round(measured)} bytes a second`).toBeLessThan(1 + TOLERANCE);
}

const RATES = [256_000, 1_000_000, 5_000_000];
const LOW_RATES = [64_000, 100_000];

describe.each(['up', 'down'] as const)('[RL1] a limit %s', (direction) => {
  const all = direction;
  const each = direction === 'up' ? 'peerUp' : 'peerDown';

  test.each(RATES)(`[RL1] ${direction}, for all together, of %i bytes a second`, (rate) => {
    const { limited, moved, lab } = scene(direction, 4);
    limit(limited, { [all]: rate });
    lab.advance(WARM_UP_MS);
    expectRate(moved(WINDOW_MS).all, WINDOW_MS, rate);
  });

  test.each(RATES)(`[RL1] ${direction}, with one peer alone, of %i bytes a second`, (rate) => {
    const { limited, moved, lab } = scene(direction, 1);
    limit(limited, { [all]: rate });
    lab.advance(WARM_UP_MS);
    expectRate(moved(WINDOW_MS).all, WINDOW_MS, rate);
  });

  test.each([256_000, 1_000_000, 2_500_000])(`[RL1] ${direction}, for each of two peers, of %i`, (rate) => {
    const { limited, moved, lab } = scene(direction, 2);
    limit(limited, { [each]: rate });
    lab.advance(WARM_UP_MS);
    for (const bytes of moved(WINDOW_MS).each) expectRate(bytes, WINDOW_MS, rate);
  });

  test.each(LOW_RATES)(`[RL1] ${direction}, for all together, of %i bytes a second over 20 s`, (rate) => {
    const { limited, moved, lab } = scene(direction, 2);
    limit(limited, { [all]: rate });
    lab.advance(WARM_UP_MS);
    expectRate(moved(LONG_WINDOW_MS).all, LONG_WINDOW_MS, rate);
  });

  test.each(LOW_RATES)(`[RL1] ${direction}, for each of two peers, of %i over 20 s`, (rate) => {
    const { limited, moved, lab } = scene(direction, 2);
    limit(limited, { [each]: rate });
    lab.advance(WARM_UP_MS);
    for (const bytes of moved(LONG_WINDOW_MS).each) expectRate(bytes, LONG_WINDOW_MS, rate);
  });

  test.each([
    [256_000, 1_000_000],
    [2_000_000, 256_000],
  ])(`[RL2] ${direction}, changed from %i to %i while it runs`, (before, after) => {
    const { limited, moved, lab } = scene(direction, 3);
    limit(limited, { [all]: before });
    lab.advance(WARM_UP_MS);
    expectRate(moved(WINDOW_MS).all, WINDOW_MS, before);
    limit(limited, { [all]: after });
    lab.advance(WARM_UP_MS);
    expectRate(moved(WINDOW_MS).all, WINDOW_MS, after);
  });

  test(`[RL2] ${direction}, for each peer, changed while it runs`, () => {
    const { limited, moved, lab } = scene(direction, 2);
    limit(limited, { [each]: 1_000_000 });
    lab.advance(WARM_UP_MS);
    for (const bytes of moved(WINDOW_MS).each) expectRate(bytes, WINDOW_MS, 1_000_000);
    limit(limited, { [each]: 256_000 });
    lab.advance(WARM_UP_MS);
    for (const bytes of moved(WINDOW_MS).each) expectRate(bytes, WINDOW_MS, 256_000);
  });

  test(`[RL2] ${direction}, holds also for a connection that comes after it was set`, () => {
    const { limited, moved, lab } = scene(direction, 1);
    limit(limited, { [each]: 300_000 });
    const other = lab.machine({ id: testPeer(9), share: SHARE, as: direction === 'up' ? 'knows' : 'seed' });
    if (direction === 'up') other.tell({ kind: 'download-requested' });
    lab.advance(WARM_UP_MS);
    lab.join(limited, other);
    lab.advance(WARM_UP_MS);
    const since = lab.now;
    for (const bytes of moved(WINDOW_MS).each) expectRate(bytes, WINDOW_MS, 300_000);
    const both = direction === 'up' ? { from: limited, to: other } : { from: other, to: limited };
    expectRate(lab.received(both, since), WINDOW_MS, 300_000);
  });

  test(`[RL2] ${direction}, of nothing stops everything, and is lifted again`, () => {
    const { limited, moved, lab } = scene(direction, 2);
    limit(limited, { [all]: 1_000_000 });
    lab.advance(WARM_UP_MS);
    limit(limited, { [all]: 0 });
    lab.advance(WARM_UP_MS);
    expect(moved(WINDOW_MS).all).toBe(0);
    limit(limited, {});
    // At once: a request, a block and their trips, not at some tick.
    expect(moved(150).all).toBeGreaterThan(0);
    expect(moved(WINDOW_MS).all).toBeGreaterThan(20_000_000);
  });
});

describe('[RL1] limits for all together and for each peer', () => {
  test('[RL1] up, whichever of both is lower holds', () => {
    const { limited, moved, lab } = scene('up', 3);
    limit(limited, { up: 1_500_000, peerUp: 400_000 });
    lab.advance(WARM_UP_MS);
    for (const bytes of moved(WINDOW_MS).each) expectRate(bytes, WINDOW_MS, 400_000);
    limit(limited, { up: 900_000, peerUp: 400_000 });
    lab.advance(WARM_UP_MS);
    expectRate(moved(WINDOW_MS).all, WINDOW_MS, 900_000);
  });
  test('[RL1] down, whichever of both is lower holds', () => {
    const { limited, moved, lab } = scene('down', 3);
    limit(limited, { down: 1_500_000, peerDown: 400_000 });
    lab.advance(WARM_UP_MS);
    for (const bytes of moved(WINDOW_MS).each) expectRate(bytes, WINDOW_MS, 400_000);
    limit(limited, { down: 900_000, peerDown: 400_000 });
    lab.advance(WARM_UP_MS);
    expectRate(moved(WINDOW_MS).all, WINDOW_MS, 900_000);
  });
});
