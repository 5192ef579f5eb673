/**
 * The announce as clients write it, with its keys in the order of the documentation and without white space: read by
 * one regular expression, because a busy tracker reads little else. It accepts a part of what the schema
 * (`messages.ts`) accepts, and makes the same of it; whatever it does not know is null, and for the schema to judge.
 */
import type { PeerId, SwarmId } from '../ids.ts';
import { MAX_ANNOUNCED_PEERS } from '../limits.ts';

/** What the schema makes of it. */
export interface PlainAnnounce {
  type: 'announce';
  swarm: SwarmId;
  peerId: PeerId;
  event: 'started' | 'update' | 'completed' | 'stopped';
  left: number | null;
  want: number;
}

/** Numbers of at most 15 digits are whole and exact. */
const PLAIN =
  /^\{"type":"announce","swarm":"([0-9a-f]{64})","peerId":"([0-9a-f]{64})","event":"(started|update|completed|stopped)","left":(null|0|[1-9][0-9]{0,14}),"want":(0|[1-9][0-9]{0,14})\}$/;

export function parsePlainAnnounce(text: string): PlainAnnounce | null {
  const match = PLAIN.exec(text);
  if (!match) return null;
  const [, swarm, peerId, event, left, want] = match;
  return {
    type: 'announce',
    swarm: swarm as SwarmId,
    peerId: peerId as PeerId,
    event: event as PlainAnnounce['event'],
    left: left === 'null' ? null : Number(left),
    want: Math.min(Number(want), MAX_ANNOUNCED_PEERS),
  };
}
