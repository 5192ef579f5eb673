/**
 * Which block that one peer was asked for is asked of a faster one as well: the last blocks of all in the end game
 * ([RQ6]), and those that somebody who plays waits for ([PK3]). Chooses; asks and cancels nothing itself.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { LinkId } from '../../ids.ts';
import { drainTime, isMuchSlower, oldestAskedAt, waitFor } from './pace.ts';
import type { Outstanding, PeerSession } from '../connection/connection.ts';
import type { PieceChoice } from './piece-choice.ts';

type Sessions = ReadonlyMap<LinkId, PeerSession>;

const MOST_ASKERS = 3;
/** What was asked for so many ms ago at least is late for somebody who plays: before, its peer may be merely new. */
const LATE_MS = 1_000;

/** [RQ6] Nothing is left to ask for: the last block of the slowest peer. */
export function lastOfSlowest(sessions: Sessions, thief: PeerSession, has: Bitfield): Outstanding | null {
  let slowest = 0;
  let stolen: Outstanding | null = null;
  for (const other of sessions.values()) {
    if (other === thief || other.outstanding.size === 0) continue;
    const time = drainTime(other);
    if (time <= slowest || !isMuchSlower(time, thief)) continue;
    const candidate = lastOf(other, thief, has);
    if (candidate === null) continue;
    slowest = time;
    stolen = candidate;
  }
  return stolen;
}

function lastOf(owner: PeerSession, thief: PeerSession, has: Bitfield): Outstanding | null {
  let last: Outstanding | null = null;
  for (const [key, asked] of owner.outstanding) if (mayRace(key, asked, thief, has)) last = asked;
  return last;
}

/** [PK3] The first block in the order of playing that a much slower peer is late with, before what would be begun. */
export function firstOfLate(
  sessions: Sessions,
  choice: PieceChoice,
  thief: PeerSession,
  has: Bitfield,
  now: number,
): Outstanding | null {
  const { sequence } = choice;
  if (sequence.isEmpty) return null;
  let rank = Infinity;
  let first: Outstanding | null = null;
  for (const other of sessions.values()) {
    // Cheap, and for most peers the end of it: requests are answered within a second.
    if (other === thief || oldestAskedAt(other) + LATE_MS > now) continue;
    if (!isMuchSlower(waitFor(other, 0, now), thief)) continue;
    for (const [key, asked] of other.outstanding) {
      if (asked.askedAt + LATE_MS > now) break;
      const place = sequence.rank(asked.assembly.piece);
      if (place >= rank || !mayRace(key, asked, thief, has)) continue;
      rank = place;
      first = asked;
    }
  }
  if (first === null) return null;
  const fresh = choice.nextOfSequence(thief, has);
  return fresh !== null && sequence.rank(fresh) < rank ? null : first;
}

function mayRace(key: number, { assembly, block }: Outstanding, thief: PeerSession, has: Bitfield): boolean {
  if (assembly.fromOnePeer || !has.has(assembly.piece) || thief.outstanding.has(key)) return false;
  return (assembly.askers[block] ?? 0) < MOST_ASKERS;
}
