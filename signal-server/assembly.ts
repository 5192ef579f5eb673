/**
 * The parts of one server process, put together from its configuration. Opens no port: `server.ts` does.
 */
import { randomBytes } from 'node:crypto';
import { seededRandom } from '../shared/random.ts';
import type { Random } from '../shared/random.ts';
import { noBus } from './bus.ts';
import type { Bus } from './bus.ts';
import type { Config } from './config.ts';
import { FRAMES_PER_TURN, FREE_FRAMES_PER_ADDRESS } from './connection.ts';
import { crowdBounds } from './crowd.ts';
import { Directory } from './directory.ts';
import { WindowLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { openMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import type { Clock, Registry } from './swarms.ts';
import { TorrentInnoPeers } from './torrentinno-peers.ts';
import { Tracker } from './tracker.ts';
import { Turns } from './turns.ts';
import { PaidWork } from './work.ts';
import type { Work } from './work.ts';

export interface Assembly {
  readonly tracker: Tracker;
  readonly limits: Limits | null;
  readonly work: Work;
  readonly turns: Turns;
  readonly metrics: Metrics;
  readonly peers: TorrentInnoPeers;
  readonly shared: SharedState | null;
  /** For the sockets gauge; the network's side keeps it. */
  sockets: number;
}

/** The connection to what several instances share. */
export interface SharedState {
  readonly connected: boolean;
  close(): Promise<void>;
}

export async function assemble(config: Config, log: Log, clock: Clock): Promise<Assembly> {
  const random = seededRandom(randomBytes(4).readInt32LE());
  const instance = randomBytes(8).toString('hex');
  const local = new MemoryRegistry(instance, random, clock);
  const redis =
    config.redisUrl === null ? null : await openShared(config.redisUrl, local, random, clock, log);
  const registry: Registry = redis?.registry ?? local;
  const bus: Bus = redis?.bus ?? noBus;
  const directory = config.directory ? new Directory() : null;
  const tracker = new Tracker({ registry, bus, directory, crowd: crowdBounds(config.rateLimit) });
  await redis?.start(tracker.neighbours, () => (directory ?? new Directory()).swarms());
  const metrics = openMetrics(
    {
      sockets: () => assembly.sockets,
      totals: () => registry.totals(),
      listings: () => directory?.size ?? 0,
      redis: () => (redis ? (redis.connected ? 1 : 0) : null),
    },
    log,
  );
  const limits = config.rateLimit === null ? null : new WindowLimits(config.rateLimit, clock);
  const assembly: Assembly = {
    tracker,
    limits,
    work: new PaidWork(async (addressKey, points) => !limits || limits.work(addressKey, points)),
    turns: new Turns(FRAMES_PER_TURN, (task) => void setImmediate(task), FREE_FRAMES_PER_ADDRESS),
    metrics,
    peers: new TorrentInnoPeers(clock, random),
    shared: redis,
    sockets: 0,
  };
  return assembly;
}

/** Redis is an optional dependency: it is loaded only where it is used. */
async function openShared(url: string, local: MemoryRegistry, random: Random, clock: Clock, log: Log) {
  const { openRedis } = await import('./redis-registry.ts');
  return openRedis(url, local, random, clock, log);
}
