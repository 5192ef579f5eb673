/**
 * A scenario becomes figures ([SM4]): runs a swarm, watches it once a virtual second for the trace, and sums up.
 * Wall time is the caller's: nothing here knows a real clock.
 */
import { BrokenInvariant } from '../assert.ts';
import { fluidBound } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { isAwaited, SimSwarm } from './swarm.ts';
import type { Leecher } from './swarm.ts';
import { Tracer, wasteOf } from './trace.ts';
import type { TraceRow } from './trace.ts';

export interface Outcome {
  readonly peers: number;
  readonly bytes: number;
  /** When the last leecher that was waited for was complete, in s; the end of the run where one was not. */
  readonly seconds: number;
  /** The fluid lower bound, in s. */
  readonly bound: number;
  readonly ratio: number;
  /** Payload that the seed uploaded, in sizes of the share. */
  readonly seedCopies: number;
  /** [SM12] What the server of a web address sent, in sizes of the share; null: there is none. */
  readonly originCopies: number | null;
  /** The share of the leechers that stayed, and kept to the rules, that finished. */
  readonly complete: number;
  /** Completion times of the leechers that are neither slow nor hostile, in s; null: nobody completed. */
  readonly p50: number | null;
  readonly p95: number | null;
  /** Things that happened in virtual time. */
  readonly events: number;
  /** Why the run is a failure, or null: a rule that was broken, or somebody who could complete and did not. */
  readonly failure: string | null;
  /** Pieces that nobody who stayed and serves has at the end: where there are any, nobody more could complete. */
  readonly lostPieces: number;
  /** Of the leechers that send wrong bytes, the share that somebody found out; null without any. */
  readonly exposed: number | null;
  /** Of the bytes of blocks that came to leechers, the part that was there already. */
  readonly waste: number;
  readonly trace: readonly TraceRow[];
}

/** Runs to the end. `traceSeconds`: virtual seconds between rows of the trace; null: no trace. */
export function simulate(scenario: Scenario, traceSeconds: number | null = null): Outcome {
  const swarm = new SimSwarm(scenario);
  const tracer = traceSeconds === null ? null : new Tracer(swarm, traceSeconds);
  let broken: string | null = null;
  try {
    while (swarm.step()) tracer?.look();
  } catch (error) {
    const at = `${(swarm.queue.now / 1000).toFixed(3)} s`;
    if (!(error instanceof BrokenInvariant)) {
      throw new Error(`rng ${scenario.rng} fails at ${at}`, { cause: error });
    }
    broken = `a rule was broken at ${at}: ${error.message}`;
  }
  return summary(swarm, broken ?? incompletion(swarm), tracer?.rows ?? []);
}

function summary(swarm: SimSwarm, failure: string | null, trace: readonly TraceRow[]): Outcome {
  const { scenario, leechers, share } = swarm;
  const awaited = leechers.filter(isAwaited);
  const finished = awaited.filter(({ peer }) => peer.completedAt !== null);
  const last = Math.max(0, ...finished.map(({ peer }) => peer.completedAt ?? 0));
  const seconds = (finished.length < awaited.length ? swarm.queue.now : last) / 1000;
  const times = leechers.filter(isOrdinary).flatMap(({ peer }) => peer.completedAt ?? []);
  const bound = fluidBound(scenario);
  return {
    peers: scenario.peers,
    bytes: scenario.bytes,
    seconds,
    bound,
    ratio: seconds / bound,
    seedCopies: swarm.seed.port.uplink.sentPayload / share.totalBytes,
    originCopies: scenario.originDown === 0 ? null : originBytesOf(swarm) / share.totalBytes,
    complete: awaited.length === 0 ? 1 : finished.length / awaited.length,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    events: swarm.queue.happened,
    failure,
    lostPieces: lostPiecesOf(swarm),
    exposed: exposedShare(leechers),
    waste: wasteOf(leechers.map(({ peer }) => peer)),
    trace,
  };
}

/** Null: everybody who can complete has. Else who could not, and why. */
function incompletion(swarm: SimSwarm): string | null {
  if (swarm.isDone || lostPiecesOf(swarm) > 0) return null;
  const waiting = swarm.leechers.filter((leecher) => isAwaited(leecher) && leecher.peer.completedAt === null);
  const names = waiting.slice(0, 5).map(({ peer }) => `${peer.name} (${peer.watch.stored.count} pieces)`);
  return `${waiting.length} leechers could complete and did not, among them ${names.join(', ')}`;
}

function originBytesOf({ leechers }: SimSwarm): number {
  return leechers.reduce((sum, { peer }) => sum + (peer.origin?.sentBytes ?? 0), 0);
}

function lostPiecesOf(swarm: SimSwarm): number {
  if (swarm.scenario.originDown > 0) return 0;
  const holders = swarm.leechers.filter(isSource).map(({ peer }) => peer.watch.stored);
  if (!swarm.seedLeft) holders.push(swarm.seed.watch.stored);
  let lost = 0;
  for (let piece = 0; piece < swarm.share.pieceCount; piece++) {
    if (!holders.some((stored) => stored.has(piece))) lost++;
  }
  return lost;
}

/** Can others get from this leecher what it has? */
function isSource({ left, character }: Leecher): boolean {
  return !left && !character.hostile && !character.boasts && !character.mute;
}

function isOrdinary({ character }: Leecher): boolean {
  const { slow, hostile, boasts, mute } = character;
  return !slow && !hostile && !boasts && !mute;
}

/** The smallest value that the given part of all values does not exceed (nearest rank), in s. */
function percentile(times: readonly number[], part: number): number | null {
  const sorted = [...times].sort((a, b) => a - b);
  const at = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  return at === undefined ? null : at / 1000;
}

function exposedShare(leechers: readonly Leecher[]): number | null {
  const hostile = leechers.filter(({ character }) => character.hostile);
  if (hostile.length === 0) return null;
  return hostile.filter(({ peer }) => peer.accusers > 0).length / hostile.length;
}
