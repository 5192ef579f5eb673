/**
 * The tracker of a simulation: what the real one answers and pushes ([SM6]; [TR3], [TR5]), without its messages. An
 * announce is answered by at most 50 random others; those named are told of the newcomer; those that know of each
 * other are told when one leaves. Introduces only: dialling is the network's.
 */
import type { PeerId } from '../ids.ts';
import type { AnnounceEvent, KnownPeer } from '../engine/io.ts';
import { MAX_ANNOUNCED_PEERS } from '../limits.ts';
import type { Random } from '../random.ts';
import { ANNOUNCE_INTERVAL_S } from '../tracker/limits.ts';
import type { EventQueue } from './event-queue.ts';

export interface Announcement {
  readonly event: AnnounceEvent;
  readonly left: number | null;
  readonly want: number;
}

export interface PeersAnswer {
  readonly interval: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly peers: readonly KnownPeer[];
}

/** How a peer hears from the tracker. */
export interface Subscriber {
  readonly id: PeerId;
  announced(answer: PeersAnswer): void;
  joined(peer: KnownPeer): void;
  left(peer: PeerId): void;
}

interface Member {
  readonly subscriber: Subscriber;
  seed: boolean;
  place: number;
  /** Those that were told of it and those that it was told of. */
  readonly neighbours: Set<Member>;
}

export class SimTracker {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #latency: number;
  readonly #members = new Map<PeerId, Member>();
  readonly #order: Member[] = [];
  #seeds = 0;

  /** `latency` in ms, one way. */
  constructor(queue: EventQueue, random: Random, latency: number) {
    this.#queue = queue;
    this.#random = random;
    this.#latency = latency;
  }

  announce(subscriber: Subscriber, announcement: Announcement): void {
    this.#queue.after(this.#latency, () => this.#receive(subscriber, announcement));
  }

  /** The peer's socket closed. */
  disconnected(peer: PeerId): void {
    this.#queue.after(this.#latency, () => this.#remove(peer));
  }

  #receive(subscriber: Subscriber, { event, left, want }: Announcement): void {
    if (event === 'stopped') {
      this.#remove(subscriber.id);
      return this.#answer(subscriber, []);
    }
    const member = this.#members.get(subscriber.id) ?? this.#enter(subscriber);
    this.#mark(member, left === 0);
    const named = this.#draw(member, Math.min(want, MAX_ANNOUNCED_PEERS));
    this.#answer(subscriber, named);
    for (const other of named) this.#introduce(member, other);
  }

  #answer(subscriber: Subscriber, named: readonly Member[]): void {
    const peers = named.map((other) => ({ id: other.subscriber.id, seed: other.seed }));
    const complete = this.#seeds;
    const incomplete = this.#order.length - complete;
    this.#queue.after(this.#latency, () =>
      subscriber.announced({ interval: ANNOUNCE_INTERVAL_S, complete, incomplete, peers }),
    );
  }

  #introduce(newcomer: Member, other: Member): void {
    other.neighbours.add(newcomer);
    newcomer.neighbours.add(other);
    const peer = { id: newcomer.subscriber.id, seed: newcomer.seed };
    this.#queue.after(this.#latency, () => other.subscriber.joined(peer));
  }

  #enter(subscriber: Subscriber): Member {
    const member = { subscriber, seed: false, place: this.#order.length, neighbours: new Set<Member>() };
    this.#order.push(member);
    this.#members.set(subscriber.id, member);
    return member;
  }

  #mark(member: Member, seed: boolean): void {
    if (member.seed !== seed) this.#seeds += seed ? 1 : -1;
    member.seed = seed;
  }

  #remove(peer: PeerId): void {
    const member = this.#members.get(peer);
    if (member === undefined) return;
    this.#mark(member, false);
    this.#members.delete(peer);
    this.#swap(member.place, this.#order.length - 1);
    this.#order.pop();
    for (const other of member.neighbours) {
      other.neighbours.delete(member);
      this.#queue.after(this.#latency, () => other.subscriber.left(peer));
    }
  }

  /** Random others: the asker and those already drawn stand at the end of the order. */
  #draw(asker: Member, want: number): Member[] {
    const drawn: Member[] = [];
    let free = this.#order.length - 1;
    this.#swap(asker.place, free);
    while (drawn.length < want && free > 0) {
      const chosen = this.#order[this.#random.below(free)] as Member;
      drawn.push(chosen);
      this.#swap(chosen.place, --free);
    }
    return drawn;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#order[a] as Member, this.#order[b] as Member];
    [this.#order[a], this.#order[b]] = [second, first];
    [second.place, first.place] = [a, b];
  }
}
