/**
 * The registry of one process, all in memory. Announce, leave and locate take the same time however large the
 * swarm is; naming n members takes time in n alone: the chosen are swapped to the front of the array they live in,
 * so no copy of the swarm is made.
 *
 * Owner of the invariants: a member stands in exactly one of its swarm's two arrays, at the index it knows; `byAge`
 * lists all members by their last announce, oldest first; a swarm without members does not exist (and forgets its
 * downloads).
 */
import type { PeerId, SwarmId } from '../shared/ids.ts';
import type { Random } from '../shared/random.ts';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import type { SwarmCounts } from '../shared/tracker/messages.ts';
import { AgeList } from './age-list.ts';
import type { Aged } from './age-list.ts';
import { append, draw, swap, takeOut } from './places.ts';
import type { Placed } from './places.ts';
import { NOBODY } from './swarms.ts';
import type { Arrival, Clock, Departure, InstanceId, NamedMember, Registry, Welcome } from './swarms.ts';

interface Swarm {
  readonly id: SwarmId;
  readonly members: Map<PeerId, Entry>;
  readonly seeds: Entry[];
  readonly leechers: Entry[];
  downloaded: number;
}

/** Its place is in `swarm.seeds` or `swarm.leechers`. */
interface Entry extends NamedMember, Aged, Placed {
  readonly swarm: Swarm;
  seed: boolean;
  completed: boolean;
}

const NONE: readonly Departure[] = [];

export class MemoryRegistry implements Registry {
  readonly instance: InstanceId;
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #swarms = new Map<SwarmId, Swarm>();
  readonly #byAge = new AgeList<Entry>();

  constructor(instance: InstanceId, random: Random, clock: Clock) {
    this.instance = instance;
    this.#random = random;
    this.#clock = clock;
  }

  announce(arrival: Arrival): Welcome & { kind: 'welcome' } {
    const swarm = this.#swarmOf(arrival.swarm);
    const entry = swarm.members.get(arrival.peerId) ?? this.#enter(swarm, arrival);
    if (entry.seed !== arrival.seed) this.#change(entry, arrival.seed);
    if (arrival.completed && !entry.completed) {
      entry.completed = true;
      swarm.downloaded += 1;
    }
    this.#byAge.renew(entry, this.#clock());
    return { kind: 'welcome', counts: countsOf(swarm), named: this.#name(entry, arrival.want) };
  }

  leave(swarmId: SwarmId, peerId: PeerId): SwarmCounts {
    const swarm = this.#swarms.get(swarmId);
    if (!swarm) return NOBODY;
    const entry = swarm.members.get(peerId);
    if (entry) this.#remove(entry);
    return swarm.members.size > 0 ? countsOf(swarm) : NOBODY;
  }

  locate(swarm: SwarmId, peerId: PeerId): InstanceId | null {
    return this.#swarms.get(swarm)?.members.has(peerId) ? this.instance : null;
  }

  scrape(swarms: readonly SwarmId[]): readonly SwarmCounts[] {
    return swarms.map((id) => this.glance(id));
  }

  glance(id: SwarmId): SwarmCounts {
    const swarm = this.#swarms.get(id);
    return swarm ? countsOf(swarm) : NOBODY;
  }

  expire(): readonly Departure[] {
    let oldest = this.#byAge.oldest;
    if (!oldest) return NONE;
    const deadline = this.#clock() - MEMBER_LIFE_MS;
    if (oldest.heardAt > deadline) return NONE;
    const departed: Departure[] = [];
    while (oldest && oldest.heardAt <= deadline) {
      this.#remove(oldest);
      departed.push({ swarm: oldest.swarm.id, peerId: oldest.peerId });
      oldest = this.#byAge.oldest;
    }
    return departed;
  }

  totals(): { swarms: number; members: number } {
    return { swarms: this.#swarms.size, members: this.#byAge.size };
  }

  /** Every member and what it last announced: for telling a registry that lost them. */
  *everybody(): Generator<Omit<Arrival, 'want' | 'takeOver'>> {
    for (const entry of this.#byAge) yield arrivalOf(entry);
  }

  *membersOf(id: SwarmId): Generator<Omit<Arrival, 'want' | 'takeOver'>> {
    for (const entry of this.#swarms.get(id)?.members.values() ?? []) yield arrivalOf(entry);
  }

  #swarmOf(id: SwarmId): Swarm {
    const known = this.#swarms.get(id);
    if (known) return known;
    const swarm: Swarm = { id, members: new Map(), seeds: [], leechers: [], downloaded: 0 };
    this.#swarms.set(id, swarm);
    return swarm;
  }

  #enter(swarm: Swarm, { peerId, seed }: Arrival): Entry {
    const entry: Entry = {
      swarm,
      peerId,
      seed,
      instance: this.instance,
      completed: false,
      place: 0,
      heardAt: 0,
      older: null,
      newer: null,
    };
    this.#byAge.add(entry, this.#clock());
    swarm.members.set(peerId, entry);
    append(rankOf(entry), entry);
    return entry;
  }

  #change(entry: Entry, seed: boolean): void {
    takeOut(rankOf(entry), entry);
    entry.seed = seed;
    append(rankOf(entry), entry);
  }

  #remove(entry: Entry): void {
    takeOut(rankOf(entry), entry);
    entry.swarm.members.delete(entry.peerId);
    this.#byAge.remove(entry);
    if (entry.swarm.members.size === 0) this.#swarms.delete(entry.swarm.id);
  }

  #name(self: Entry, want: number): NamedMember[] {
    const { seeds, leechers } = self.swarm;
    if (want === 0) return [];
    // The asker goes to the end of its array, where nobody is drawn.
    const own = rankOf(self);
    swap(own, self.place, own.length - 1);
    const seedsThere = seeds.length - (self.seed ? 1 : 0);
    const leechersThere = leechers.length - (self.seed ? 0 : 1);
    const ofSeeds = this.#share(want, seedsThere, leechersThere);
    const named: NamedMember[] = [];
    this.#draw(seeds, seedsThere, ofSeeds, named);
    this.#draw(leechers, leechersThere, want - ofSeeds, named);
    return named;
  }

  /** How many of `want` are seeds: in proportion, a fraction rounded up as often as its size says. */
  #share(want: number, seeds: number, leechers: number): number {
    if (seeds + leechers <= want) return seeds;
    const fair = (want * seeds) / (seeds + leechers);
    const whole = Math.floor(fair);
    return whole + (this.#random.fraction() < fair - whole ? 1 : 0);
  }

  /** Of the first `there` of `rank`. */
  #draw(rank: Entry[], there: number, many: number, into: NamedMember[]): void {
    for (let front = 0; front < Math.min(many, there); front++)
      into.push(draw(rank, front, there, this.#random));
  }
}

function rankOf(entry: Entry): Entry[] {
  return entry.seed ? entry.swarm.seeds : entry.swarm.leechers;
}

function countsOf(swarm: Swarm): SwarmCounts {
  return { complete: swarm.seeds.length, incomplete: swarm.leechers.length, downloaded: swarm.downloaded };
}

function arrivalOf({ swarm, peerId, seed, completed }: Entry): Omit<Arrival, 'want' | 'takeOver'> {
  return { swarm: swarm.id, peerId, seed, completed };
}
