/**
 * Where a run's time goes ([SM8]): one row every so many virtual seconds, with how busy the links are, how much the
 * leechers have and how often the rarest piece is there. Changes nothing.
 */
import { SimPeer } from './peer.ts';
import type { SimSwarm } from './swarm.ts';

export interface TraceRow {
  /** Virtual seconds. */
  readonly at: number;
  /** Parts of the links' rates that were used since the row before: 0 to 1. */
  readonly seedUp: number;
  readonly peersUp: number;
  readonly peersDown: number;
  /** The mean part of the share that the leechers have stored, 0 to 1. */
  readonly have: number;
  /** The same of the leechers that have most and least. */
  readonly fastest: number;
  readonly slowest: number;
  /** How many leechers have the rarest piece, and how many have a piece in the mean. */
  readonly rarest: number;
  readonly meanCopies: number;
  /** Pieces that no leecher has. */
  readonly unseen: number;
  readonly online: number;
  readonly complete: number;
  /** Open links of a leecher, in the mean. */
  readonly links: number;
  readonly seedCopies: number;
  /** Links on which something waits for the uplink: the seed's, and a leecher's in the mean. */
  readonly seedSlots: number;
  readonly peerSlots: number;
  /** The part of the leechers with an idle uplink although somebody linked lacks what they have. */
  readonly idle: number;
  /** The part of the incomplete leechers that ask for nothing at the moment, and what the others ask for, in bytes. */
  readonly starved: number;
  readonly asked: number;
  /** Of an incomplete leecher in the mean: links on which it may ask, whose peer has what it lacks, and both. */
  readonly unchoked: number;
  readonly useful: number;
  readonly both: number;
  /** Blocks that came to somebody who had them, as a part of all since the start. */
  readonly waste: number;
}

export class Tracer {
  readonly rows: TraceRow[] = [];
  readonly #swarm: SimSwarm;
  readonly #everyMs: number;
  readonly #before = new Map<SimPeer, { up: number; down: number }>();
  #dueAt: number;

  constructor(swarm: SimSwarm, seconds: number) {
    this.#swarm = swarm;
    this.#everyMs = seconds * 1000;
    this.#dueAt = this.#everyMs;
  }

  /** Called after every step. */
  look(): void {
    const { now } = this.#swarm.queue;
    if (now < this.#dueAt) return;
    this.#dueAt += this.#everyMs;
    this.rows.push(this.#row(now));
  }

  #row(now: number): TraceRow {
    const { leechers, seed, share } = this.#swarm;
    const online = leechers.map(({ peer }) => peer).filter((peer) => peer.online);
    const seedUse = this.#usage(seed);
    const uses = online.map((peer) => this.#usage(peer));
    const copies = this.#copies(online);
    const parts = online.map((peer) => peer.watch.storedBytes / share.totalBytes);
    return {
      at: now / 1000,
      seedUp: seedUse.up,
      peersUp: mean(uses.map((use) => use.up)),
      peersDown: mean(uses.map((use) => use.down)),
      have: mean(parts),
      fastest: Math.max(0, ...parts),
      slowest: Math.min(1, ...parts),
      rarest: copies.reduce((least, count) => Math.min(least, count), Infinity),
      meanCopies: mean([...copies]),
      unseen: copies.filter((count) => count === 0).length,
      online: online.length,
      complete: online.filter((peer) => peer.completedAt !== null).length,
      links: mean(online.map((peer) => peer.port.links.size)),
      seedCopies: seed.port.uplink.sentPayload / share.totalBytes,
      seedSlots: slotsOf(seed),
      peerSlots: mean(online.map(slotsOf)),
      idle: mean(online.map((peer) => (isIdle(peer) ? 1 : 0))),
      ...wishes(online.filter((peer) => peer.completedAt === null)),
      waste: wasteOf(online),
    };
  }

  #usage(peer: SimPeer): { up: number; down: number } {
    const { uplink, downlink } = peer.port;
    const before = this.#before.get(peer) ?? { up: 0, down: 0 };
    this.#before.set(peer, { up: uplink.sentBytes, down: downlink.carriedBytes });
    return {
      up: (uplink.sentBytes - before.up) / (uplink.rate * this.#everyMs),
      down: (downlink.carriedBytes - before.down) / (downlink.rate * this.#everyMs),
    };
  }

  #copies(peers: readonly SimPeer[]): Uint32Array {
    const copies = new Uint32Array(this.#swarm.share.pieceCount);
    for (const peer of peers) {
      const { stored } = peer.watch;
      for (let piece = 0; piece < copies.length; piece++) {
        if (stored.has(piece)) copies[piece] = (copies[piece] ?? 0) + 1;
      }
    }
    return copies;
  }
}

/** Of the blocks that came to these peers, the part that was there already. */
export function wasteOf(peers: readonly SimPeer[]): number {
  let [received, useless] = [0, 0];
  for (const peer of peers) {
    received += peer.watch.receivedPayload;
    useless += peer.watch.uselessPayload;
  }
  return received === 0 ? 0 : useless / received;
}

function slotsOf(peer: SimPeer): number {
  let slots = 0;
  for (const flow of peer.port.links.values()) if (flow.waiting.length > 0) slots++;
  return slots;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}

function isIdle(peer: SimPeer): boolean {
  if (slotsOf(peer) > 0) return false;
  return [...peer.port.links.values()].some(({ to, dead }) => {
    const other = to.endpoint;
    return !dead && other instanceof SimPeer && peer.watch.stored.hasMoreThan(other.watch.stored);
  });
}

function wishes(
  peers: readonly SimPeer[],
): Pick<TraceRow, 'starved' | 'asked' | 'unchoked' | 'useful' | 'both'> {
  const asked = peers.map((peer) => peer.watch.askedBytes);
  const openings = peers.map((peer) => peer.watch.openings);
  return {
    starved: mean(asked.map((bytes) => (bytes === 0 ? 1 : 0))),
    asked: mean(asked),
    unchoked: mean(openings.map(({ unchoked }) => unchoked)),
    useful: mean(openings.map(({ useful }) => useful)),
    both: mean(openings.map(({ both }) => both)),
  };
}
