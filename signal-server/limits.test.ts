import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ADDRESS_BUDGET,
  HANDSHAKES_PER_ADDRESS,
  REQUESTS_PER_ADDRESS,
  SOCKETS_PER_ADDRESS,
  SOCKET_BUDGET,
  WORK_PER_ADDRESS,
  WindowLimits,
} from './limits.ts';
import type { Kind } from './limits.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How often in a row it says yes. */
async function admitted(most: number, ask: () => Promise<boolean>): Promise<number> {
  for (let times = 0; times < most; times++) if (!(await ask())) return times;
  return most;
}

describe('[SV5] budgets', () => {
  test('a class of forty behind one address fits into the defaults', async () => {
    const limits = new WindowLimits(1);
    for (let pupil = 0; pupil < 40; pupil++) {
      // Three tabs each; every tab in twenty swarms, a mesh of forty with twenty signals a link.
      for (let tab = 0; tab < 3; tab++) expect(await limits.connect('school')).toBe(true);
      expect(await limits.admit(pupil, 'school', 'announces', 3 * 20 * 2)).toBe('admitted');
      expect(await limits.admit(pupil, 'school', 'signals', 39 * 20)).toBe('admitted');
      expect(await limits.admit(pupil, 'school', 'bytes', 39 * 20 * 3_000)).toBe('admitted');
    }
  });

  test('a socket has a budget of its own, an address another', async () => {
    const limits = new WindowLimits(0.01);
    expect(await limits.admit(1, 'a', 'announces', 10)).toBe('admitted');
    expect(await limits.admit(1, 'a', 'announces', 1)).toBe('socket');
    for (let socket = 2; socket <= 20; socket++)
      expect(await limits.admit(socket, 'a', 'announces', 10)).toBe('admitted');
    expect(await limits.admit(99, 'a', 'announces', 1)).toBe('address');
    expect(await limits.admit(99, 'b', 'announces', 1)).toBe('admitted');
  });

  test.each(Object.keys(ADDRESS_BUDGET) as Kind[])(
    '%s of one address have a bound over all its sockets',
    async (kind) => {
      const limits = new WindowLimits(1);
      const [share, all] = [SOCKET_BUDGET[kind], ADDRESS_BUDGET[kind]];
      for (let spent = 0; spent < all; spent += share) {
        expect(await limits.admit(spent, 'a', kind, Math.min(share, all - spent))).toBe('admitted');
      }
      expect(await limits.admit(-1, 'a', kind, 1)).toBe('address');
      expect(await limits.admit(-1, 'b', kind, 1)).toBe('admitted');
    },
  );

  test('each kind is counted by itself', async () => {
    const limits = new WindowLimits(0.01);
    expect(await limits.admit(1, 'a', 'announces', 11)).toBe('socket');
    expect(await limits.admit(1, 'a', 'signals', 40)).toBe('admitted');
    expect(await limits.admit(1, 'a', 'others', 6)).toBe('admitted');
    expect(await limits.admit(1, 'a', 'bytes', 167_772)).toBe('admitted');
    expect(await limits.admit(1, 'a', 'bytes', 1)).toBe('socket');
  });

  test('costly requests of an address have one budget, by their cost', async () => {
    const limits = new WindowLimits(0.01);
    expect(await limits.work('a', WORK_PER_ADDRESS / 100 - 10)).toBe(true);
    expect(await limits.work('a', 10)).toBe(true);
    expect(await limits.work('a', 1)).toBe(false);
    expect(await limits.work('b', 1)).toBe(true);
  });

  test('what was spent comes back after 30 s, and not before', async () => {
    const limits = new WindowLimits(0.01);
    expect(await limits.admit(1, 'a', 'announces', 10)).toBe('admitted');
    vi.advanceTimersByTime(29_900);
    expect(await limits.admit(1, 'a', 'announces', 1)).toBe('socket');
    vi.advanceTimersByTime(200);
    expect(await limits.admit(1, 'a', 'announces', 10)).toBe('admitted');
  });

  test('a factor scales all of them, and leaves at least one of each', async () => {
    const double = new WindowLimits(2);
    expect(await admitted(10_000, () => double.request('a'))).toBe(2 * REQUESTS_PER_ADDRESS);
    const least = new WindowLimits(0.000_001);
    expect(await admitted(5, () => least.request('a'))).toBe(1);
    expect(await admitted(5, async () => (await least.admit(1, 'a', 'signals', 1)) === 'admitted')).toBe(1);
    expect(await admitted(5, () => least.connect('a'))).toBe(1);
  });
});

describe('[SV5] sockets of one address', () => {
  test('no more are open at once than the limit; one that closes makes room', async () => {
    const limits = new WindowLimits(1);
    expect(await admitted(10_000, () => limits.connect('a'))).toBe(SOCKETS_PER_ADDRESS);
    expect(await limits.connect('b')).toBe(true);
    limits.disconnect('a');
    expect(await admitted(10, () => limits.connect('a'))).toBe(1);
  });

  test('no more are opened in a window than the limit, however soon they close; a refused one is not counted as open', async () => {
    const limits = new WindowLimits(1);
    const openAndClose = async () => {
      if (!(await limits.connect('a'))) return false;
      limits.disconnect('a');
      return true;
    };
    expect(await admitted(10_000, openAndClose)).toBe(HANDSHAKES_PER_ADDRESS);
    for (let times = 0; times < SOCKETS_PER_ADDRESS; times++) await limits.connect('a');
    vi.advanceTimersByTime(30_100);
    expect(await admitted(10_000, () => limits.connect('a'))).toBe(SOCKETS_PER_ADDRESS);
  });

  test('the same as counting on one’s fingers', async () => {
    const steps = fc.array(fc.record({ address: fc.constantFrom('a', 'b'), opens: fc.boolean() }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const limits = new WindowLimits(5 / SOCKETS_PER_ADDRESS);
        const open: Record<string, number> = { a: 0, b: 0 };
        let handshakes: Record<string, number> = { a: 0, b: 0 };
        for (const { address, opens } of all) {
          const before = open[address] ?? 0;
          if (!opens) {
            limits.disconnect(address); // harmless where none is open
            open[address] = Math.max(0, before - 1);
            continue;
          }
          const tried = handshakes[address] ?? 0;
          const fits = before < 5;
          if (fits) handshakes = { ...handshakes, [address]: tried + 1 };
          expect(await limits.connect(address)).toBe(fits && tried < 10);
          if (fits && tried < 10) open[address] = before + 1;
        }
      }),
      { numRuns: 50 },
    );
  });
});
