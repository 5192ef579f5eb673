/**
 * How fast a peer answers us, and what follows from it ([RQ2] [RQ5] [RQ6] [PK3]): how much to keep asked for, how long what
 * is asked will take, and when silence is too long. The pace is measured on a clock that runs while the peer is
 * asked for something: between its turns it owes us nothing. Decides nothing about pieces.
 */
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_OUTSTANDING_BYTES } from '../../limits.ts';
import type { PeerSession } from '../connection/connection.ts';

/** What a pipeline holds beyond its round trip, in ms of the peer's pace: room for the server's own reading. */
const QUEUE_AHEAD_MS = 250;
export const FIRST_PIPELINE_BYTES = 4 * BLOCK_BYTES;
const LEAST_PIPELINE_BYTES = 2 * BLOCK_BYTES;
const UNKNOWN_ROUND_TRIP_MS = 500;
const LONGEST_ROUND_TRIP_MS = 2_000;
/** A peer that was asked and is silent for so long lets its requests time out. */
const LEAST_PATIENCE_MS = 4_000;
const FIRST_PATIENCE_MS = 10_000;
const MOST_PATIENCE_MS = 30_000;
/** A peer helps another with what it will have in less than this share of the other's time. */
const HELP_FACTOR = 2;
const HELP_MARGIN_MS = 500;

/** Lets the session's clock of asking go on to `now`; called before something is asked and when a block comes. */
export function countAsked(session: PeerSession, now: number): void {
  if (session.outstanding.size > 0) session.askedMs += now - session.askedTo;
  session.askedTo = now;
}

/** Bytes a second that the peer sends while it is asked; 0: not known. */
export function paceOf(session: PeerSession): number {
  return session.pace.perSecond(session.askedMs);
}

/** [RQ2] How many bytes to keep asked for: the peer's pace times the time until an answer. */
export function pipelineBytes(session: PeerSession): number {
  if (session.snubbed) return BLOCK_GRID_BYTES;
  const pace = paceOf(session);
  if (pace === 0) return FIRST_PIPELINE_BYTES;
  const bytes = (pace * (roundTripOf(session) + QUEUE_AHEAD_MS)) / 1000;
  return Math.min(Math.max(bytes, LEAST_PIPELINE_BYTES), MAX_OUTSTANDING_BYTES);
}

/** ms until the peer has sent one more block after all it was asked for. */
export function drainTime(session: PeerSession): number {
  if (session.snubbed) return Infinity;
  const pace = paceOf(session);
  if (pace === 0) return session.outstanding.size === 0 ? UNKNOWN_ROUND_TRIP_MS * 2 : FIRST_PATIENCE_MS;
  return roundTripOf(session) + ((session.outstandingBytes + BLOCK_BYTES) * 1000) / pace;
}

/**
 * ms until the peer has sent so many bytes more, as somebody who waits for them sees it: who has left a request
 * unanswered for some time will need as much again, whatever it sent before.
 */
export function waitFor(session: PeerSession, bytes: number, now: number): number {
  const pace = paceOf(session);
  const expected = drainTime(session) + (pace === 0 ? 0 : (bytes * 1000) / pace);
  return Math.max(expected, now - oldestAskedAt(session));
}

/** When the oldest request was made that the peer has not answered; Infinity: none. */
export function oldestAskedAt({ outstanding }: PeerSession): number {
  if (outstanding.size === 0) return Infinity;
  return outstanding.values().next().value?.askedAt ?? Infinity;
}

/** Is `time` so long that this peer, asked now, would have the block long before? */
export function isMuchSlower(time: number, helper: PeerSession): boolean {
  return time > drainTime(helper) * HELP_FACTOR + HELP_MARGIN_MS;
}

/** ms of silence of a peer that is asked after which its requests have timed out. */
export function patience(session: PeerSession): number {
  const pace = paceOf(session);
  if (pace === 0) return FIRST_PATIENCE_MS;
  const expected = roundTripOf(session) + (BLOCK_BYTES * 1000) / pace;
  return Math.min(Math.max(4 * expected, LEAST_PATIENCE_MS), MOST_PATIENCE_MS);
}

function roundTripOf(session: PeerSession): number {
  const { roundTrip } = session;
  return Number.isFinite(roundTrip) ? Math.min(roundTrip, LONGEST_ROUND_TRIP_MS) : UNKNOWN_ROUND_TRIP_MS;
}
