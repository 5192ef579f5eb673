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
/** Who was not heard lately does not wait for those who come again and again. */
const FIRST = { atOnce: 120, aSecond: 10 };
const AGAIN = { atOnce: 60, aSecond: 5 };

/** An attempt of somebody else's that is not open yet. */
export interface Offer {
  readonly swarm: SwarmId;
  readonly begunAt: number;
}

export class Offers {
  readonly #ofPeer = new Map<PeerId, Allowance>();
  readonly #first = new Allowance(FIRST.atOnce, FIRST.aSecond);
  readonly #again = new Allowance(AGAIN.atOnce, AGAIN.aSecond);

  /** How many attempts the peer began lately, if it may begin one more; otherwise null. */
  begins(peer: PeerId, now: number): number | null {
    const own = this.#ofPeer.get(peer) ?? new Allowance(MAX_OFFERS_OF_A_PEER, PER_PEER_A_SECOND);
    // Behind all others: who was not heard for the longest time is forgotten first.
    this.#ofPeer.delete(peer);
    this.#ofPeer.set(peer, own);
    for (const [id, allowance] of this.#ofPeer) {
      if (this.#ofPeer.size <= MAX_REMEMBERED_OFFERERS && !allowance.isFull(now)) break;
      if (id !== peer) this.#ofPeer.delete(id);
      else break;
    }
    const lately = own.used(now);
    const ofAll = lately === 0 ? this.#first : this.#again;
    return own.take(1, now) && ofAll.take(1, now) ? lately : null;
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
