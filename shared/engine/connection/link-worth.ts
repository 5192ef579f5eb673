/**
 * Which connections are worth keeping ([SW5]–[SW7]): two peers that both have everything part after a while, and
 * where all places are taken the connection that carried least makes way for a newcomer, not too often. Decides
 * about connections from what they carried; opens and closes none.
 */
import type { Random } from '../../random.ts';
import type { Connection } from './connection.ts';

/** Two that need nothing of each other part after so many ms. */
const POINTLESS_MS = 10_000;
/** One connection makes way at most every so many ms. */
const REPLACE_EVERY_MS = 1_000;
/** What a connection carried counts as if it took so many ms at least: a young one is not judged by its first block. */
const TRIAL_MS = 10_000;

export class LinkWorth {
  readonly #random: Random;
  #replacedAt = -Infinity;
  /** Since when neither end of a connection lacks anything, in ms. */
  readonly #pointlessSince = new Map<Connection, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** The connection that makes way for a newcomer; null: none does now, and the newcomer has to go. */
  makesWay(all: Iterable<Connection>, newcomer: Connection, now: number): Connection | null {
    if (now - this.#replacedAt < REPLACE_EVERY_MS) return null;
    const leaving = this.least(all, newcomer, now);
    if (leaving !== null) this.#replacedAt = now;
    return leaving;
  }

  /** The one that carried least for its time, `but` this one; null: there is none. */
  least(all: Iterable<Connection>, but: Connection | null, now: number): Connection | null {
    let ties: Connection[] = [];
    let least = Infinity;
    for (const connection of all) {
      if (connection === but) continue;
      const worth = worthOf(connection, now);
      if (worth > least) continue;
      if (worth < least) ties = [];
      least = worth;
      ties.push(connection);
    }
    return ties.length === 0 ? null : (ties[this.#random.below(ties.length)] ?? null);
  }

  /**
   * [SW5] Both have had everything for a while. An unmodified peer would only come back. To be called now and then
   * for each connection: it notes since when that is so.
   */
  looksPointless(connection: Connection, complete: boolean, now: number): boolean {
    const { wire, holdings } = connection;
    if (!complete || !wire.extended || holdings.has?.isFull !== true) {
      this.#pointlessSince.delete(connection);
      return false;
    }
    const since = this.#pointlessSince.get(connection) ?? now;
    this.#pointlessSince.set(connection, since);
    return now - since >= POINTLESS_MS;
  }

  forget(connection: Connection): void {
    this.#pointlessSince.delete(connection);
  }
}

/** Bytes a second in both directions since it was opened. */
function worthOf({ wire, source, slot }: Connection, now: number): number {
  const carried = source.pipeline.receivedBytes + slot.backlog.leftBytes;
  return carried / Math.max(TRIAL_MS, now - wire.openedAt);
}
