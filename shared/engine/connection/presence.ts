/**
 * Who else is in the swarm ([EN6]): those that the tracker names, those that are connected without having been named,
 * and how many more the tracker counted. Owns that count, and which peers are our own person's ([ID2]); the names are
 * members.ts's. All peers are counted for decisions, those of others for the screen. Dials nobody.
 */
import type { PeerId } from '../../ids.ts';
import type { Others } from '../io.ts';

/** What the tracker said in answer to an announce: everybody is counted, we ourselves among them. */
export interface TrackerCount {
  readonly complete: number;
  readonly incomplete: number;
}

/** A peer that we are connected to. */
export interface LinkedPeer {
  readonly id: PeerId;
  readonly seed: boolean;
  /** It has something that is missing here. */
  readonly useful: boolean;
}

/** Those whom the tracker named and who have not left, each with whether it is a seed. */
type Named = Iterable<readonly [PeerId, boolean]>;

/** Who is there of other people. */
export interface People {
  /** Null: nothing is known of anybody. */
  readonly online: Others | null;
  /** How many of them can send what is missing, as far as it is known. */
  readonly senders: number;
  /** Somebody is connected, and nobody who is known can. */
  readonly lacks: boolean;
}

const NOBODY: Others = { seeds: 0, leechers: 0 };

export class Presence {
  readonly #ownTabs = new Set<PeerId>();
  /** By the tracker's last answer and what was pushed since; null: it has not answered. */
  #counted: Others | null = null;

  /** They are nobody else from now on. */
  ownTabsKnown(peers: readonly PeerId[]): void {
    this.#ownTabs.clear();
    for (const peer of peers) this.#ownTabs.add(peer);
  }

  /** The tracker has said who is there. */
  get isCounted(): boolean {
    return this.#counted !== null;
  }

  isOwnTab(peer: PeerId): boolean {
    return this.#ownTabs.has(peer);
  }

  /** The tracker answered. `seed`: we are one ourselves. */
  answered({ complete, incomplete }: TrackerCount, seed: boolean): void {
    this.#counted = {
      seeds: Math.max(0, complete - (seed ? 1 : 0)),
      leechers: Math.max(0, incomplete - (seed ? 0 : 1)),
    };
  }

  /** The tracker tells of somebody whom we did not know. */
  came(seed: boolean): void {
    this.#count(seed, 1);
  }

  /** Somebody who was counted is gone. It may have become a seed since it was counted, unheard. */
  went(seed: boolean): void {
    const { seeds, leechers } = this.peers;
    this.#count((seed ? seeds : leechers) > 0 ? seed : !seed, -1);
  }

  /** Somebody who was counted is a seed now, or is none any more. */
  became(seed: boolean): void {
    this.went(!seed);
    this.came(seed);
  }

  #count(seed: boolean, by: 1 | -1): void {
    if (this.#counted === null) return;
    const { seeds, leechers } = this.#counted;
    this.#counted = {
      seeds: Math.max(0, seeds + (seed ? by : 0)),
      leechers: Math.max(0, leechers + (seed ? 0 : by)),
    };
  }

  /** The share was stopped: nothing is known of anybody. */
  forget(): void {
    this.#counted = null;
  }

  /** Other peers by the tracker's word. */
  get peers(): Others {
    return this.#counted ?? NOBODY;
  }

  /** Other people, each once; null: neither the tracker nor a connection tells of anybody. */
  people(named: Named, linked: readonly LinkedPeer[]): Others | null {
    if (this.#counted === null && linked.length === 0) return null;
    const peers = new Map<PeerId, boolean>(named);
    for (const { id, seed } of linked) {
      // What the tracker counted a tab of ours as is what has to be taken off its count.
      if (!(this.#ownTabs.has(id) && peers.has(id))) peers.set(id, seed);
    }
    const others = [...peers].filter(([id]) => !this.#ownTabs.has(id)).map(([, seed]) => seed);
    const [byName, withOurs] = [countOf(others), countOf(peers.values())];
    // Whom the tracker counts beyond those we know may be anybody: a person each.
    const counted = this.#counted ?? NOBODY;
    const seeds = Math.max(byName.seeds, counted.seeds - (withOurs.seeds - byName.seeds));
    const all = Math.max(totalOf(byName), totalOf(counted) - (totalOf(withOurs) - totalOf(byName)));
    return { seeds, leechers: Math.max(0, all - seeds) };
  }

  /** Who is there, and who of them has what is missing here. `complete`: nothing is. */
  standing(named: Named, linked: readonly LinkedPeer[], complete: boolean): People {
    const online = this.people(named, linked);
    if (complete) return { online, senders: 0, lacks: false };
    const known = this.#knownSenders(named, linked);
    const seedsKnown = countOf(new Map(named).values()).seeds;
    const unknown = Math.max(0, this.peers.seeds - Math.max(seedsKnown, seedsOf(linked)));
    return { online, senders: known + unknown, lacks: linked.length > 0 && known === 0 };
  }

  /** Those connected that have shown something that is missing here, and seeds that are named and not connected. */
  #knownSenders(named: Named, linked: readonly LinkedPeer[]): number {
    const known = new Map<PeerId, boolean>(named);
    // What a peer shows counts more than what it told the tracker some time ago.
    for (const { id, useful } of linked) known.set(id, useful);
    let senders = 0;
    for (const [id, canSend] of known) if (canSend && !this.#ownTabs.has(id)) senders++;
    return senders;
  }
}

function countOf(all: Iterable<boolean>): Others {
  let [seeds, leechers] = [0, 0];
  for (const seed of all) {
    if (seed) seeds++;
    else leechers++;
  }
  return { seeds, leechers };
}

function seedsOf(linked: readonly LinkedPeer[]): number {
  return linked.filter(({ seed }) => seed).length;
}

function totalOf({ seeds, leechers }: Others): number {
  return seeds + leechers;
}
