/**
 * The registry that several instances share through Redis or Valkey (7 or newer). Each instance keeps its own
 * members in memory too: they are what it goes on with while Redis is away, and what it tells Redis when it is back.
 */
import * as v from 'valibot';
import { peerId } from '../shared/ids.ts';
import type { PeerId, SwarmId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import type { SwarmCounts } from '../shared/tracker/messages.ts';
import type { Log } from './log.ts';
import type { MemoryRegistry } from './memory-registry.ts';
import { RedisLink } from './redis-link.ts';
import { SCRIPTS, swarmKeys } from './redis-scripts.ts';
import { SharedCounts } from './shared-counts.ts';
import type { Arrival, Clock, Departure, InstanceId, NamedMember, Registry, Welcome } from './swarms.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const countsReply = v.pipe(
  v.tuple([count, count, count]),
  v.transform(([complete, incomplete, downloaded]): SwarmCounts => ({ complete, incomplete, downloaded })),
);
/** Checked by hand, since it is read with every announce. */
const announceReply = v.pipe(v.custom<readonly unknown[]>(isAnnounceReply), v.transform(welcomeIn));
const locateReply = v.pipe(v.string(), v.maxLength(64));

type Greeting = Welcome & { kind: 'welcome' };
type Own = Pick<Arrival, 'swarm' | 'peerId' | 'seed' | 'completed'>;

/** Where the texts of an answer to an announce begin. */
const COUNTS_END = 5;
/** So few names are compared one by one. */
const FEW_NAMES = 4;
/** Members that are told to Redis at once when it lost them. */
const HEAL_BATCH = 500;
/** Listed swarms whose counts are asked for with each heartbeat, in turn: the order of a search goes by them. */
const RECOUNTED_AT_ONCE = 200;

export class RedisRegistry implements Registry {
  readonly instance: InstanceId;
  readonly #local: MemoryRegistry;
  readonly #link: RedisLink;
  readonly #random: Random;
  readonly #counts: SharedCounts;
  /** Swarms that Redis lost, and is being told of. */
  readonly #healing = new Set<SwarmId>();
  #recounting: Iterator<SwarmId> | null = null;
  /** Empty: Redis' own clock. A test brings one. */
  readonly #time: () => number | '';

  constructor(
    local: MemoryRegistry,
    link: RedisLink,
    random: Random,
    clock: Clock,
    time: () => number | '' = () => '',
  ) {
    this.instance = local.instance;
    this.#local = local;
    this.#link = link;
    this.#random = random;
    this.#time = time;
    this.#counts = new SharedCounts((swarm) => this.#run(SCRIPTS.scrape, swarm, [], countsReply), clock);
  }

  async announce(arrival: Arrival): Promise<Welcome> {
    const shared = await this.#enter(arrival);
    if (!shared) return this.#local.announce(arrival);
    if (shared.kind === 'held') return shared;
    this.#counts.heard(arrival.swarm, shared.counts);
    const wanting = arrival.want - shared.named.length;
    const local = this.#local.announce({ ...arrival, want: wanting > 0 ? arrival.want : 0 });
    if (isLost(shared, local, arrival.want)) void this.#tellOf(arrival.swarm);
    return wanting <= 0 || addsNothing(local, shared) ? shared : together(shared, local, arrival.want);
  }

  async leave(swarm: SwarmId, peerId: PeerId): Promise<SwarmCounts> {
    const local = this.#local.leave(swarm, peerId);
    const shared = await this.#run(SCRIPTS.leave, swarm, [peerId, this.instance], countsReply);
    if (shared) this.#counts.heard(swarm, shared);
    return shared ?? local;
  }

  async locate(swarm: SwarmId, peerId: PeerId): Promise<InstanceId | null> {
    const where = await this.#run(SCRIPTS.locate, swarm, [peerId], locateReply);
    return where === null ? this.#local.locate(swarm, peerId) : where === '' ? null : where;
  }

  async scrape(swarms: readonly SwarmId[]): Promise<readonly SwarmCounts[]> {
    const shared = await Promise.all(swarms.map((swarm) => this.#counts.of(swarm)));
    return shared.map((counts, at) => counts ?? this.#local.glance(swarms[at] as SwarmId));
  }

  /** What was last heard of a swarm, or of its members here. */
  glance(swarm: SwarmId): SwarmCounts {
    return this.#counts.last(swarm) ?? this.#local.glance(swarm);
  }

  /** Asks for the counts of the next of these swarms, so that the order of a search is not too old. */
  async recount(listed: () => Iterator<SwarmId>): Promise<void> {
    this.#recounting ??= listed();
    const swarms: SwarmId[] = [];
    while (swarms.length < RECOUNTED_AT_ONCE) {
      const next = this.#recounting.next();
      if (next.done) {
        this.#recounting = null;
        break;
      }
      swarms.push(next.value);
    }
    await this.scrape(swarms);
  }

  expire(): readonly Departure[] {
    const departed = this.#local.expire();
    for (const { swarm, peerId } of departed) void this.leave(swarm, peerId);
    return departed;
  }

  totals(): { swarms: number; members: number } {
    return this.#local.totals();
  }

  /** Redis lost, or never heard of, who is here: it is told again, so many at once. */
  tellAgain(): Promise<void> {
    return this.#tell([...this.#local.everybody()]);
  }

  /** Redis lost a swarm alone, as it may when it runs out of memory. */
  async #tellOf(swarm: SwarmId): Promise<void> {
    if (this.#healing.has(swarm)) return;
    this.#healing.add(swarm);
    await this.#tell([...this.#local.membersOf(swarm)]);
    this.#healing.delete(swarm);
  }

  async #tell(members: readonly Own[]): Promise<void> {
    for (let from = 0; from < members.length; from += HEAL_BATCH) {
      const batch = members
        .slice(from, from + HEAL_BATCH)
        .filter(({ swarm, peerId }) => this.#isHere(swarm, peerId));
      await Promise.all(batch.map((member) => this.#enter({ ...member, want: 0, takeOver: false })));
    }
  }

  /** It may have gone while others were told of. */
  #isHere(swarm: SwarmId, peerId: PeerId): boolean {
    return this.#local.locate(swarm, peerId) !== null;
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

/** {instance}, or {'', three counts, number of seeds, texts…}: an even number of texts. */
function isAnnounceReply(reply: unknown): boolean {
  if (!Array.isArray(reply)) return false;
  const [by]: unknown[] = reply;
  if (typeof by !== 'string' || by.length > 64) return false;
  if (by !== '') return true;
  if (reply.length < COUNTS_END || (reply.length - COUNTS_END) % 2 !== 0) return false;
  for (let at = 1; at < COUNTS_END; at++) if (!isCount(reply[at])) return false;
  for (let at = COUNTS_END; at < reply.length; at++) if (typeof reply[at] !== 'string') return false;
  return true;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function welcomeIn(reply: readonly unknown[]): Welcome {
  if (reply[0] !== '') return { kind: 'held', by: String(reply[0]) };
  const [complete, incomplete, downloaded, seeds] = reply.slice(1, COUNTS_END).map(Number);
  return {
    kind: 'welcome',
    counts: { complete: complete ?? 0, incomplete: incomplete ?? 0, downloaded: downloaded ?? 0 },
    named: namedIn(reply, seeds ?? 0),
  };
}

/**
 * Behind the counts; first half: ids, seeds first; second half: where each is. What is no id, or nowhere, is left out.
 */
function namedIn(reply: readonly unknown[], seeds: number): NamedMember[] {
  const half = (reply.length - COUNTS_END) / 2;
  const named: NamedMember[] = [];
  for (let at = 0; at < half; at++) {
    const id = peerId(String(reply[COUNTS_END + at]));
    const instance = String(reply[COUNTS_END + half + at]);
    if (id && instance !== '') named.push({ peerId: id, seed: at < seeds, instance });
  }
  return named;
}

function sizeOf({ complete, incomplete }: SwarmCounts): number {
  return complete + incomplete;
}

/**
 * Everybody here is among those that Redis counts, but for a few who come and go just now, and everybody whom it counts
 * it can name.
 */
function isLost(shared: Greeting, local: Greeting, want: number): boolean {
  const all = sizeOf(shared.counts);
  return all < sizeOf(local.counts) * 0.9 || shared.named.length < Math.min(want, all - 1);
}

/** As nearly always: few are named, Redis named them too, and counts no less. Where this cannot be said soon, false. */
function addsNothing(local: Greeting, shared: Greeting): boolean {
  const [ours, theirs] = [local.counts, shared.counts];
  return (
    local.named.length <= FEW_NAMES &&
    ours.complete <= theirs.complete &&
    ours.incomplete <= theirs.incomplete &&
    ours.downloaded <= theirs.downloaded &&
    local.named.every(({ peerId: one }) => shared.named.some(({ peerId: other }) => one === other))
  );
}

/** While Redis has to be told again it knows less than we do: nobody is to see less than who is here. */
function together(shared: Greeting, local: Greeting, want: number): Welcome {
  const known = new Set(shared.named.map(({ peerId }) => peerId));
  const others = local.named.filter(({ peerId }) => !known.has(peerId));
  return {
    kind: 'welcome',
    counts: {
      complete: Math.max(shared.counts.complete, local.counts.complete),
      incomplete: Math.max(shared.counts.incomplete, local.counts.incomplete),
      downloaded: Math.max(shared.counts.downloaded, local.counts.downloaded),
    },
    named: others.length === 0 ? shared.named : [...shared.named, ...others].slice(0, want),
  };
}

export interface SharedRegistry {
  readonly registry: RedisRegistry;
  readonly bus: RedisLink;
  readonly connected: boolean;
  /** Connects, and from then on says which other instances are alive, and keeps count of the listed swarms. */
  start(
    neighbours: {
      alive(instances: readonly InstanceId[]): void;
      reunited(instances: readonly InstanceId[]): void;
    },
    listed: () => Iterator<SwarmId>,
  ): Promise<void>;
  close(): Promise<void>;
}

export function openRedis(
  url: string,
  local: MemoryRegistry,
  random: Random,
  clock: Clock,
  log: Log,
): SharedRegistry {
  const link = new RedisLink(url, local.instance, log);
  const registry = new RedisRegistry(local, link, random, clock);
  return {
    registry,
    bus: link,
    get connected() {
      return link.up;
    },
    start: (neighbours, listed) =>
      link.start({
        alive: (others) => {
          neighbours.alive(others);
          void registry.recount(listed);
        },
        lost: () => registry.tellAgain(),
        reached: async (others) => {
          await registry.tellAgain();
          neighbours.reunited(others);
        },
      }),
    close: () => link.close(),
  };
}
