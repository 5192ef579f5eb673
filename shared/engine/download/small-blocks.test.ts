/** The size of blocks follows the download limit: what is asked for at once is a burst. */
import { describe, expect, test } from 'vitest';
import { testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import { TimedLab } from '../testing/timed-lab.ts';

const SHARE = makeShare({ pieces: evenPieces(100, 250_000) });
const NONE = { kind: 'limits-changed', up: null, down: null, peerUp: null, peerDown: null } as const;

function scene(limits: { down?: number; peerDown?: number; up?: number }, seeds = 1) {
  const lab = new TimedLab(1);
  const leecher = lab.machine({ id: testPeer(1), share: SHARE, as: 'knows' });
  const others = Array.from({ length: seeds }, (_, nth) =>
    lab.machine({ id: testPeer(nth + 2), share: SHARE, as: 'seed' }),
  );
  const { up, ...downLimits } = limits;
  leecher.tell({ ...NONE, ...downLimits });
  for (const other of others) {
    if (up !== undefined) other.tell({ ...NONE, up });
    lab.join(leecher, other);
  }
  leecher.tell({ kind: 'download-requested' });
  return { lab, leecher, seed: others[0]! };
}

function blocksServed(seed: LabMachine): number[] {
  return seed.orders.filter((order) => order.kind === 'serve-block').map(({ length }) => length);
}

describe('[RQ1] blocks under a limit', () => {
  test.each([
    [{ down: 255_999 }, 16_384],
    [{ peerDown: 255_999 }, 16_384],
    [{ down: 1_000_000, peerDown: 60_000 }, 16_384],
    [{ down: 256_000 }, 65_536],
    [{ peerDown: 256_000 }, 65_536],
    [{}, 65_536],
    [{ up: 60_000 }, 65_536],
  ])('[RQ1] %j: blocks of %i bytes', (limits, size) => {
    const { lab, seed } = scene(limits);
    lab.advance(10_000);
    const blocks = blocksServed(seed);
    expect(blocks.length).toBeGreaterThan(8);
    expect(Math.max(...blocks)).toBe(size);
    // All but the last of a piece.
    expect(blocks.filter((length) => length === size).length).toBeGreaterThan(blocks.length / 2);
  });

  test('[RQ1] [RL2] the size changes with the limit, with the next piece that is begun', () => {
    const { lab, leecher, seed } = scene({ down: 1_000_000 });
    lab.advance(3_000);
    expect(Math.max(...blocksServed(seed))).toBe(65_536);
    leecher.tell({ ...NONE, down: 100_000 });
    lab.advance(10_000);
    const before = seed.orders.length;
    lab.advance(5_000);
    const slow = seed.orders.slice(before).flatMap((one) => (one.kind === 'serve-block' ? [one.length] : []));
    expect(Math.max(...slow)).toBe(16_384);
    leecher.tell(NONE);
    const after = seed.orders.length;
    lab.advance(5_000);
    const fast = seed.orders.slice(after).flatMap((one) => (one.kind === 'serve-block' ? [one.length] : []));
    expect(Math.max(...fast)).toBe(65_536);
  });

  test.each([20_000, 60_000, 200_000])(
    '[RQ1] [RL1] no second exceeds %i bytes by more than two blocks',
    (down) => {
      const { lab } = scene({ down }, 3);
      lab.advance(20_000);
      const { arrivals } = lab;
      expect(lab.received({}, 0)).toBeGreaterThan(0.95 * 20 * down - 16_384);
      arrivals.forEach(({ at }, nth) => {
        let bytes = 0;
        for (let later = nth; later < arrivals.length && arrivals[later]!.at < at + 1_000; later++)
          bytes += arrivals[later]!.payload;
        expect(bytes).toBeLessThanOrEqual(down + 2 * 16_384);
      });
    },
  );
});
