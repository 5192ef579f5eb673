import { expect, test } from 'vitest';
import { piecesOf } from '../manifest/file-pieces.ts';
import { simulate } from './run.ts';
import { DEFAULT_SCENARIO } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { SimSwarm } from './swarm.ts';

test.each(SCENARIOS)('[SM9] $name', ({ scenario, mostRatio, leastExposed, mostOriginCopies }) => {
  const outcome = simulate(scenario);
  expect(outcome.failure, `rng ${scenario.rng}`).toBeNull();
  if (scenario.seedLeavesAfter === null) expect(outcome.complete).toBe(1);
  expect(outcome.ratio).toBeLessThanOrEqual(mostRatio);
  expect(outcome.exposed ?? 1).toBeGreaterThanOrEqual(leastExposed);
  expect(outcome.originCopies ?? 0).toBeLessThanOrEqual(mostOriginCopies);
});

test('[SM9] a share whose seed left too early is no failure: nobody could complete', () => {
  const early = SCENARIOS.find(({ name }) => name === 'the seed leaves too early')!;
  const outcome = simulate(early.scenario);
  expect(outcome.complete).toBe(0);
  expect(outcome.lostPieces).toBeGreaterThan(0);
  expect(outcome.failure).toBeNull();
  expect(outcome.seedCopies).toBeGreaterThanOrEqual(0.5);
  expect(outcome.seedCopies).toBeLessThan(0.6);
});

test('[SM11] whoever wanted part has that part and stays a leecher to everybody', () => {
  const scenario = { ...DEFAULT_SCENARIO, peers: 8, bytes: 4 * 2 ** 20, partial: 1, files: 6, rng: 3 };
  const swarm = new SimSwarm(scenario);
  while (swarm.step());
  expect(swarm.isDone).toBe(true);
  // What was announced last has to arrive.
  for (let at = swarm.queue.now + 40_000; swarm.queue.nextAt < at;) swarm.queue.step();
  for (const { peer, wants } of swarm.leechers) {
    const wanted = wants === null ? null : piecesOf(swarm.share.manifest, wants);
    const stored = [...peer.watch.stored.members()];
    expect(stored).toEqual([...(wanted?.members() ?? swarm.share.manifest.pieces.keys())]);
    expect(peer.engine.snapshot(swarm.queue.now)).toMatchObject({ phase: 'complete' });
  }
  const seeds = swarm.leechers.filter(({ peer }) => peer.watch.stored.isFull).length;
  expect(seeds).toBeLessThan(8);
  const { online } = swarm.seed.engine.snapshot(swarm.queue.now);
  expect(online).toEqual({ seeds, leechers: 8 - seeds });
});

test('[SM1] the same number gives the same run, another number another', () => {
  const scenario = {
    ...DEFAULT_SCENARIO,
    peers: 8,
    bytes: 4 * 2 ** 20,
    hostile: 0.2,
    wrongBlocks: 0.5,
    join: 2,
  };
  const first = simulate(scenario, 1);
  expect(simulate(scenario, 1)).toEqual(first);
  expect(simulate({ ...scenario, rng: 2 }).seconds).not.toBe(first.seconds);
});

test('[SM8] the trace adds up and changes nothing', () => {
  const scenario = { ...DEFAULT_SCENARIO, peers: 8, bytes: 8 * 2 ** 20 };
  const traced = simulate(scenario, 1);
  expect({ ...traced, trace: [] }).toEqual(simulate(scenario));
  expect(traced.trace).toHaveLength(Math.floor(traced.seconds));
  const sent = traced.trace.reduce((sum, row) => sum + row.seedUp, 0) * (scenario.seedUp / 8);
  const last = traced.trace.at(-1)!;
  expect(sent).toBeGreaterThan(last.seedCopies * scenario.bytes);
  expect(sent).toBeLessThan(last.seedCopies * scenario.bytes * 1.02 + 100_000);
  for (const row of traced.trace) {
    expect(row.have).toBeGreaterThanOrEqual(row.slowest);
    expect(row.have).toBeLessThanOrEqual(row.fastest);
    expect(row.meanCopies).toBeGreaterThanOrEqual(row.rarest);
  }
});
