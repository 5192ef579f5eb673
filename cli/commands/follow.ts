/**
 * Says how one share goes on while it goes on ([HL4] [HL6]): figures as they come, and where it stands once it has stood
 * there for a moment, so that what passes at once is not said. Owns what was said. Decides nothing.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import type { TransferSnapshot } from '../../shared/peer/verbs.ts';
import { percentOf } from '../../shared/words/format.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import { wantedBytes } from '../../shared/words/wanted-bytes.ts';
import type { Moving } from '../terminal/said.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Standing } from '../terminal/status-words.ts';
import type { Telling } from './telling.ts';

/** ms after which it is no passing state any more … */
const SETTLED_MS = 400;
/** … and a server that was not reached at once is away. */
const AWAY_MS = 2_000;

export interface FollowParts {
  readonly telling: Telling;
  readonly clock: Clock;
  readonly screen: Screen;
  /** Where it stands. */
  readonly standing: (snapshot: TransferSnapshot) => Standing;
  /** What moves; null: nothing is known yet. */
  readonly moving: (snapshot: TransferSnapshot) => Moving | null;
}

/** Answers how to end it. */
export function follow(infoHash: InfoHash, parts: FollowParts): () => void {
  const { telling, clock, screen } = parts;
  let said = '';
  let waits: { readonly message: string; readonly cancel: () => void } | null = null;
  const say = ({ state, message }: Standing): void => {
    waits = null;
    said = message;
    screen.tell({ type: 'status', infoHash, state, message });
  };
  const look = (): void => {
    const snapshot = telling.snapshots.get(infoHash);
    if (snapshot === undefined) return;
    const moving = parts.moving(snapshot);
    if (moving !== null) screen.tell(moving);
    const standing = parts.standing(snapshot);
    if (standing.message === waits?.message) return;
    waits?.cancel();
    waits = null;
    // The end of a download is told with what it came to.
    if (standing.message === said || standing.state === 'complete') return;
    const cancel = clock.after(delayOf(standing), () => say(standing));
    waits = { message: standing.message, cancel };
  };
  const stop = telling.watch(look);
  // It may stand still, as where the server is away: then nothing more is told.
  look();
  return () => {
    stop();
    waits?.cancel();
  };
}

function delayOf({ state }: Standing): number {
  return state === 'server-away' ? AWAY_MS : SETTLED_MS;
}

export function progressOf(snapshot: TransferSnapshot): Moving {
  const { infoHash, down, up, uploadedBytes, eta, peers, phase } = snapshot;
  const { total, received, stored } = wantedBytes(snapshot);
  const isWhole = phase === 'complete' || (total > 0 && stored >= total);
  return {
    type: 'progress',
    infoHash,
    receivedBytes: isWhole ? total : received,
    totalBytes: total,
    percent: isWhole ? 100 : Math.min(99, percentOf(received, total)),
    down: Math.round(down),
    up: Math.round(up),
    uploadedBytes,
    eta: eta === null ? null : Math.ceil(eta),
    peers: peopleAmong(peers),
  };
}

export function sendingOf(snapshot: TransferSnapshot, delivered: number): Moving {
  const { infoHash, up, uploadedBytes, peers } = snapshot;
  return {
    type: 'sending',
    infoHash,
    up: Math.round(up),
    uploadedBytes,
    peers: peopleAmong(peers),
    delivered,
  };
}
