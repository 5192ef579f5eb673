/**
 * Links with latency: whoever fetches from one source has the share when its link could have carried it, and a few
 * round trips later ([RQ2]). What a connection and the first block take is measured with a share of one byte.
 */
import { expect, test } from 'vitest';
import { simulate } from './run.ts';
import { DEFAULT_SCENARIO } from './scenario.ts';

const MIB = 2 ** 20;
/** Until the pipeline is full it grows by half with each round trip, from 256 KiB: what it has not carried by then, in these. */
const START_TRIPS = 9;

/** ms until the leecher has it all. `rate` in bits a second, `latency` one way in ms. */
function takes(bytes: number, rate: number, latency: number): number {
  const network = { seedUp: rate, peerUp: rate, peerDown: 10e9, latency };
  const outcome = simulate({ ...DEFAULT_SCENARIO, ...network, peers: 1, bytes, manifestKnown: true });
  expect(outcome.failure).toBeNull();
  return outcome.seconds * 1_000;
}

test.each([
  [0, 80e6, 64 * MIB],
  [20, 80e6, 64 * MIB],
  [50, 80e6, 64 * MIB],
  [100, 80e6, 64 * MIB],
  [0, 400e6, 128 * MIB],
  [20, 400e6, 128 * MIB],
  [50, 400e6, 128 * MIB],
  [100, 400e6, 128 * MIB],
])(
  '[RQ2] at %i ms one way, %i bits a second and %i bytes the request pipeline never limits',
  (latency, rate, bytes) => {
    const carried = (bytes * 8_000) / rate;
    const took = takes(bytes, rate, latency) - takes(1, rate, latency);
    expect(took).toBeGreaterThan(0.99 * carried);
    expect(took).toBeLessThan(1.03 * carried + START_TRIPS * 2 * latency);
  },
);
