import { expect, test } from 'vitest';
import { readSimFlags, simHelp } from './flags.ts';
import { charactersOf, DEFAULT_SCENARIO, fluidBound } from './scenario.ts';

test('[SM7] every flag with its unit', () => {
  const words =
    '--peers 150 --size 64MiB --seed-up 10Mbit --peer-up 5Mbit --peer-down=50Mbit --latency 80 --churn 0.2 ' +
    '--loss-of-seed-after-copies 1.3 --hostile 0.1 --slow 0.05 --join 30 --rng 7 --json --trace=5';
  expect(readSimFlags(words.split(' '))).toEqual({
    kind: 'order',
    json: true,
    trace: 5,
    scenario: {
      ...DEFAULT_SCENARIO,
      peers: 150,
      bytes: 64 * 2 ** 20,
      seedUp: 10e6,
      peerUp: 5e6,
      peerDown: 50e6,
      latency: 80,
      churn: 0.2,
      seedLeavesAfter: 1.3,
      hostile: 0.1,
      slow: 0.05,
      join: 30,
      rng: 7,
    },
  });
});

test('[SM7] what is not said is as the help says', () => {
  expect(readSimFlags([])).toEqual({ kind: 'order', json: false, trace: null, scenario: DEFAULT_SCENARIO });
  expect(readSimFlags(['--help'])).toEqual({ kind: 'help' });
  expect(simHelp()).toContain('--loss-of-seed-after-copies');
  expect(readSimFlags(['--slow', '.1'])).toMatchObject({ scenario: { slow: 0.1 } });
  expect(readSimFlags(['--files', '12', '--partial=0.5'])).toMatchObject({
    scenario: { files: 12, partial: 0.5 },
  });
  expect(readSimFlags(['--size', '1.5GB'])).toMatchObject({ scenario: { bytes: 1_500_000_000 } });
  expect(readSimFlags(['--size', '700'])).toMatchObject({ scenario: { bytes: 700 } });
  expect(readSimFlags(['--peer-up', '2000000'])).toMatchObject({ scenario: { peerUp: 2_000_000 } });
  expect(readSimFlags(['--peer-up', '500kbit'])).toMatchObject({ scenario: { peerUp: 500_000 } });
});

test.each([
  ['--peers 0', '--peers must be a whole number from 1'],
  ['--peers 2.5', '--peers must be a whole number'],
  ['--peers -3', '--peers must be'],
  ['--peers', '--peers needs a value'],
  ['--size 96Mib', '--size must be a size like'],
  ['--size 0', '--size must be'],
  ['--size 1e9', '--size must be'],
  ['--seed-up 20', '--seed-up must be a rate'],
  ['--seed-up 20MiB', '--seed-up must be a rate'],
  ['--churn 1.1', '--churn must be a number from 0 to 1'],
  ['--hostile 10%', '--hostile must be'],
  ['--latency NaN', '--latency must be'],
  ['--rng 0x10', '--rng must be'],
  ['--trace=0', '--trace needs'],
  ['--peer 5', 'There is no flag --peer'],
  ['--json=yes', 'There is no flag --json'],
  ['60', 'There is no flag 60'],
])('[SM7] %s is refused with a sentence', (words, start) => {
  const read = readSimFlags(words.split(' '));
  expect(read.kind).toBe('wrong');
  if (read.kind === 'wrong') expect(read.sentence.startsWith(start)).toBe(true);
});

test('[SM4] the bound is the largest of what uplink, downlink and all uplinks allow', () => {
  const bits = DEFAULT_SCENARIO.bytes * 8;
  expect(fluidBound(DEFAULT_SCENARIO)).toBe(bits / 20e6);
  expect(fluidBound({ ...DEFAULT_SCENARIO, peerDown: 10e6 })).toBe(bits / 10e6);
  const fast = { ...DEFAULT_SCENARIO, seedUp: 100e6 };
  expect(fluidBound(fast)).toBeCloseTo((60 * bits) / (100e6 + 60 * 20e6), 9);
});

test('[SM4] traits are spread over different leechers while there are enough', () => {
  const characters = charactersOf({ ...DEFAULT_SCENARIO, peers: 30, hostile: 0.1, slow: 0.2, churn: 0.5 });
  const count = (trait: 'hostile' | 'slow' | 'leaves'): number =>
    characters.filter((character) => character[trait]).length;
  expect([count('hostile'), count('slow'), count('leaves')]).toEqual([3, 6, 15]);
  expect(characters.some(({ hostile, slow }) => hostile && slow)).toBe(false);
  const all = charactersOf({ ...DEFAULT_SCENARIO, peers: 4, hostile: 1, slow: 1, churn: 0.5 });
  expect(all.every(({ hostile, slow }) => hostile && slow)).toBe(true);
  expect(all.filter(({ leaves }) => leaves)).toHaveLength(2);
});
