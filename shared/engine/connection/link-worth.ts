/**
 * Which connections are worth keeping ([SW5]–[SW7]): two peers that both have everything part after a while, and
 * where all places are taken the connection that carried least makes way for a newcomer, not too often. Decides
 * about connections from what they carried; opens and closes none.
 */
import type { Random } from '../../random.ts';
import type { PeerSession } from './connection.ts';

/** Two that need nothing of each other part after so many ms. */
const POINTLESS_MS = 10_000;
/** One connection makes way at most every so many ms. */
const REPLACE_EVERY_MS = 1_000;
/** What a connection carried counts as if it took so many ms at least: a young one is not judged by its first block. */
const TRIAL_MS = 10_000;

export class LinkWorth {
  readonly #random: Random;
  #replacedAt = -Infinity;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The connection that makes way for a newcomer; null: none does now, and the newcomer has to go. */
  makesWay(sessions: Iterable<PeerSession>, newcomer: PeerSession, now: number): PeerSession | null {
    if (now - this.#replacedAt < REPLACE_EVERY_MS) return null;
    let ties: PeerSession[] = [];
    let least = Infinity;
    for (const session of sessions) {
      if (session === newcomer) continue;
      const worth = worthOf(session, now);
      if (worth > least) continue;
      if (worth < least) ties = [];
      least = worth;
      ties.push(session);
    }
    if (ties.length === 0) return null;
    this.#replacedAt = now;
    return ties[this.#random.below(ties.length)] ?? null;
  }

  /**
   * [SW5] Both have had everything for a while. An unmodified peer would only come back. Called now and then for
   * each session.
   */
  isPointless(session: PeerSession, complete: boolean, now: number): boolean {
    if (!complete || !session.extended || session.has?.isFull !== true) session.pointlessSince = null;
    else session.pointlessSince ??= now;
    return session.pointlessSince !== null && now - session.pointlessSince >= POINTLESS_MS;
  }
}

/** Bytes a second in both directions since it was opened. */
function worthOf(session: PeerSession, now: number): number {
  return (session.down.total + session.up.total) / Math.max(TRIAL_MS, now - session.openedAt);
}
