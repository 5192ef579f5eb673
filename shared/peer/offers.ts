/**
 * How many attempts others may begin with us ([PN7]): each costs the page a connection, whatever comes of it. Bounded for
 * each peer, for all of them together, and in how many are under way: then the one that has been given its time makes
 * way for a newer one. Knows who, and when; begins and ends nothing.
 */
import { Allowance } from '../allowance.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import {
  MAX_OFFERS,
  MAX_OFFERS_OF_A_PEER,
  MAX_OFFERS_OF_A_SWARM,
  MAX_REMEMBERED_OFFERERS,
  OFFER_PATIENCE_MS,
} from './limits.ts';

/** A dialler that failed tries again after 2 s, then 4 s …: so it is never told off. */
const PER_PEER_A_SECOND = 0.25;
const AT_ONCE = 120;
const A_SECOND = 10;

/** An attempt of somebody else's that is not open yet. */
export interface Offer {
  readonly swarm: SwarmId;
  readonly begunAt: number;
}

export class Offers {
  readonly #ofPeer = new Map<PeerId, Allowance>();
  readonly #ofAll = new Allowance(AT_ONCE, A_SECOND);

  /** Whether the peer may begin one more. */
  mayBegin(peer: PeerId, now: number): boolean {
    const own = this.#ofPeer.get(peer) ?? new Allowance(MAX_OFFERS_OF_A_PEER, PER_PEER_A_SECOND);
    // Behind all others: who was not heard for the longest time is forgotten first.
    this.#ofPeer.delete(peer);
    this.#ofPeer.set(peer, own);
    for (const [id, allowance] of this.#ofPeer) {
      if (this.#ofPeer.size <= MAX_REMEMBERED_OFFERERS && !allowance.isFull(now)) break;
      if (id !== peer) this.#ofPeer.delete(id);
      else break;
    }
    return own.take(1, now) && this.#ofAll.take(1, now);
  }

  /** Which of those under way, oldest first, makes way for one of that swarm; null: none has to; undefined: none may. */
  makesWay<T extends Offer>(swarm: SwarmId, underWay: readonly T[], now: number): T | null | undefined {
    const sameSwarm = underWay.filter((offer) => offer.swarm === swarm);
    const crowded = sameSwarm.length >= MAX_OFFERS_OF_A_SWARM ? sameSwarm : underWay;
    if (crowded === underWay && underWay.length < MAX_OFFERS) return null;
    const [oldest] = crowded;
    return oldest !== undefined && now - oldest.begunAt >= OFFER_PATIENCE_MS ? oldest : undefined;
  }
}
