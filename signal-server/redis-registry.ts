/**
 * The registry that several instances share through Redis or Valkey (7 or newer). Each instance keeps its own
 * members in memory too: they are what it goes on with while Redis is away, and what it tells Redis when it is back.
 */
import * as v from 'valibot';
import { isHexId } from '../shared/ids.ts';
import type { PeerId, SwarmId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import type { SwarmCounts } from '../shared/tracker/messages.ts';
import type { Log } from './log.ts';
import type { MemoryRegistry } from './memory-registry.ts';
import { RedisLink } from './redis-link.ts';
import { SCRIPTS, swarmKeys } from './redis-scripts.ts';
import { NOBODY } from './swarms.ts';
import type { Arrival, Departure, InstanceId, NamedMember, Registry, Welcome } from './swarms.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const countsReply = v.pipe(
  v.tuple([count, count, count]),
  v.transform(([complete, incomplete, downloaded]): SwarmCounts => ({ complete, incomplete, downloaded })),
);
const peer: v.CustomSchema<PeerId, undefined> = v.custom(
  (input) => typeof input === 'string' && isHexId(input),
);
const heldReply = v.pipe(
  v.tuple([v.pipe(v.string(), v.minLength(1), v.maxLength(64))]),
  v.transform(([by]): Welcome => ({ kind: 'held', by })),
);
const welcomeReply = v.pipe(
  v.tupleWithRest([v.literal(''), count, count, count, count], v.string()),
  v.check(([, , , , , ...texts]) => texts.length % 2 === 0),
  v.transform(([, complete, incomplete, downloaded, seeds, ...texts]): Welcome => ({
    kind: 'welcome',
    counts: { complete, incomplete, downloaded },
    named: namedIn(texts, seeds),
  })),
);
const announceReply = v.union([welcomeReply, heldReply]);
const locateReply = v.pipe(v.string(), v.maxLength(64));

/** Members that are told to Redis at once when it is back. */
const HEAL_BATCH = 500;

export class RedisRegistry implements Registry {
  readonly instance: InstanceId;
  readonly #local: MemoryRegistry;
  readonly #link: RedisLink;
  readonly #random: Random;
  /** Empty: Redis' own clock. A test brings one. */
  readonly #time: () => number | '';

  constructor(local: MemoryRegistry, link: RedisLink, random: Random, time: () => number | '' = () => '') {
    this.instance = local.instance;
    this.#local = local;
    this.#link = link;
    this.#random = random;
    this.#time = time;
  }

  async announce(arrival: Arrival): Promise<Welcome> {
    const shared = await this.#enter(arrival);
    if (!shared) return this.#local.announce(arrival);
    if (shared.kind === 'welcome') this.#local.announce({ ...arrival, want: 0 });
    return shared;
  }

  async leave(swarm: SwarmId, peerId: PeerId): Promise<SwarmCounts> {
    const local = this.#local.leave(swarm, peerId);
    return (await this.#run(SCRIPTS.leave, swarm, [peerId, this.instance], countsReply)) ?? local;
  }

  async locate(swarm: SwarmId, peerId: PeerId): Promise<InstanceId | null> {
    const where = await this.#run(SCRIPTS.locate, swarm, [peerId], locateReply);
    return where === null ? this.#local.locate(swarm, peerId) : where === '' ? null : where;
  }

  async scrape(swarms: readonly SwarmId[]): Promise<readonly SwarmCounts[]> {
    const shared = await Promise.all(
      swarms.map((swarm) => this.#run(SCRIPTS.scrape, swarm, [], countsReply)),
    );
    const local = this.#local.scrape(swarms);
    return shared.map((counts, at) => counts ?? local[at] ?? NOBODY);
  }

  glance(swarm: SwarmId): SwarmCounts {
    return this.#local.glance(swarm);
  }

  expire(): readonly Departure[] {
    const departed = this.#local.expire();
    for (const { swarm, peerId } of departed) void this.leave(swarm, peerId);
    return departed;
  }

  totals(): { swarms: number; members: number } {
    return this.#local.totals();
  }

  /** Redis lost, or never heard of, who is here: it is told again. */
  async tellAgain(): Promise<void> {
    const everybody = [...this.#local.everybody()];
    for (let from = 0; from < everybody.length; from += HEAL_BATCH) {
      const batch = everybody.slice(from, from + HEAL_BATCH);
      await Promise.all(
        batch.map((member) => this.#enter({ ...member, completed: false, want: 0, takeOver: false })),
      );
    }
  }

  #enter({ swarm, peerId, seed, completed, want, takeOver }: Arrival): Promise<Welcome | null> {
    const flags = [seed ? 1 : 0, completed ? 1 : 0, want, takeOver ? 1 : 0, this.#random.fraction()];
    return this.#run(SCRIPTS.announce, swarm, [peerId, this.instance, ...flags], announceReply);
  }

  #run<T>(
    script: { lua: string; sha1: string },
    swarm: SwarmId,
    args: readonly (string | number)[],
    schema: v.GenericSchema<unknown, T>,
  ): Promise<T | null> {
    return this.#link.run(script, swarmKeys(swarm), [MEMBER_LIFE_MS, this.#time(), ...args], schema);
  }
}

/** First half: ids, seeds first; second half: where each is. What is no id, or nowhere, is left out. */
function namedIn(texts: readonly string[], seeds: number): NamedMember[] {
  const half = texts.length / 2;
  return texts.slice(0, half).flatMap((text, at) => {
    const instance = texts[half + at];
    return v.is(peer, text) && instance ? [{ peerId: text, seed: at < seeds, instance }] : [];
  });
}

export interface SharedRegistry {
  readonly registry: RedisRegistry;
  readonly bus: RedisLink;
  readonly connected: boolean;
  /** Connects, and from then on says which other instances are alive. */
  start(neighbours: {
    alive(instances: readonly InstanceId[]): void;
    reunited(instances: readonly InstanceId[]): void;
  }): Promise<void>;
  close(): Promise<void>;
}

export function openRedis(url: string, local: MemoryRegistry, random: Random, log: Log): SharedRegistry {
  const link = new RedisLink(url, local.instance, log);
  const registry = new RedisRegistry(local, link, random);
  return {
    registry,
    bus: link,
    get connected() {
      return link.up;
    },
    start: (neighbours) =>
      link.start({
        alive: (others) => neighbours.alive(others),
        reached: async (others) => {
          await registry.tellAgain();
          neighbours.reunited(others);
        },
      }),
    close: () => link.close(),
  };
}
