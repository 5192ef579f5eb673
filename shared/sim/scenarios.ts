/**
 * The swarms that every change has to get through ([SM9]): tens of leechers each, so that all of them together take
 * seconds. Larger ones are the command line's. A row says what is special; the rest is the default scenario at a
 * smaller size.
 */
import { DEFAULT_SCENARIO } from './scenario.ts';
import type { Scenario } from './scenario.ts';

export interface ScenarioRow {
  readonly name: string;
  readonly scenario: Scenario;
  /** The time of the last one over the fluid bound may not exceed this. */
  readonly mostRatio: number;
  /** The part of the senders of wrong bytes that is found out, at least. */
  readonly leastExposed: number;
  /** [SM12] What the server of a web address sends, in sizes of the share, at most. */
  readonly mostOriginCopies: number;
}

interface Special extends Partial<Scenario> {
  readonly mostOriginCopies?: number;
}

function row(
  name: string,
  mostRatio: number,
  { mostOriginCopies = Infinity, ...special }: Special,
  leastExposed = 0,
): ScenarioRow {
  const scenario = { ...DEFAULT_SCENARIO, ...SMALL, ...special };
  return { name, mostRatio, leastExposed, mostOriginCopies, scenario };
}

const MIB = 2 ** 20;
const SMALL: Partial<Scenario> = { peers: 20, bytes: 16 * MIB };

/** Where somebody is slower than the bound assumes, or gone, or cut off, no ratio is promised. */
const ANY = Infinity;

export const SCENARIOS: readonly ScenarioRow[] = [
  row('one leecher', 1.4, { peers: 1 }),
  row('one leecher and one byte', ANY, { peers: 1, bytes: 1 }),
  row('one piece for everybody', ANY, { bytes: 100_000 }),
  row('everybody at once', 2, {}),
  row('a fast seed', 4, { seedUp: 100e6 }),
  row('downlinks as narrow as uplinks', 2, { peerDown: 20e6 }),
  row('slow uplinks', 1.6, { seedUp: 2e6, peerUp: 2e6, peerDown: 20e6, bytes: 8 * MIB }),
  row('no latency at all', 2, { latency: 0 }),
  row('half a second of latency', ANY, { latency: 500, peers: 10 }),
  row('arrivals over a minute', ANY, { join: 60 }),
  row('half leave halfway', ANY, { churn: 0.5 }),
  row('the seed leaves', ANY, { seedLeavesAfter: 1.3, bytes: 32 * MIB }),
  row('the seed and a fifth leave', ANY, { churn: 0.2, seedLeavesAfter: 1.3, bytes: 32 * MIB }),
  row('the seed leaves too early', ANY, { seedLeavesAfter: 0.5 }),
  row('a tenth sends nothing but wrong bytes', ANY, { hostile: 0.1 }, 1),
  row('a fifth sends some wrong blocks', ANY, { hostile: 0.2, wrongBlocks: 0.1, bytes: 32 * MIB }, 0.5),
  row('a tenth is slow', ANY, { slow: 0.1, bytes: 8 * MIB }),
  row('a fifth claims to have everything', ANY, { boasting: 0.2 }),
  row('a fifth never sends a block', ANY, { mute: 0.2 }),
  row('a third is cut off for a while', ANY, { partition: { atSeconds: 4, forSeconds: 20, share: 0.3 } }),
  row('more leechers than links', ANY, { peers: 70, bytes: 4 * MIB }),
  row('small pieces', ANY, { pieceBytes: 20_000, bytes: 2 * MIB }),
  row('half want some of the files', 2.5, { partial: 0.5, files: 12 }),
  row('everybody wants some of the files', ANY, { partial: 1, files: 12 }),
  row('two want some of the files, and a fast seed', ANY, { peers: 2, partial: 1, files: 40, seedUp: 100e6 }),
  row('forty who want a file at a web address', ANY, {
    ...{ peers: 40, bytes: 64 * MIB, originDown: 100e6, mostOriginCopies: 1.3 },
  }),
  row('a file at a web address, and people who come one after another', ANY, {
    ...{ originDown: 20e6, join: 60, mostOriginCopies: 4 },
  }),
  row('a file at a web address, some slow and some who leave', ANY, {
    ...{ originDown: 40e6, slow: 0.1, churn: 0.2, mostOriginCopies: 3 },
  }),
  row('everything at once', ANY, {
    ...{ hostile: 0.1, wrongBlocks: 0.5, slow: 0.1, churn: 0.2, boasting: 0.1, mute: 0.1 },
    ...{ join: 10, seedLeavesAfter: 4 },
  }),
  row('everything at once, and a third wants some of the files', ANY, {
    ...{ hostile: 0.1, wrongBlocks: 0.5, slow: 0.1, churn: 0.2, mute: 0.1, partial: 0.3 },
    ...{ join: 10, files: 7 },
  }),
];
