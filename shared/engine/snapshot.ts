/**
 * What a person is told about a share ([EN6]): one immutable snapshot, computed when it is asked for. Decides
 * nothing.
 */
import { personOf } from '../ids.ts';
import type { PeerId } from '../ids.ts';
import type { Manifest } from '../manifest/resource.ts';
import type { Content } from './content.ts';
import type { LinkRole, ReadTrouble, StoreTrouble } from './io.ts';
import type { PeerSession } from './connection/connection.ts';
import type { Others } from './connection/presence.ts';

/** ms without a block until a download counts as stalled. */
const STALLED_AFTER_MS = 10_000;

/** Where a share stands, as one member of a union. */
export type SharePhase =
  /** No manifest yet: looking for a peer that has it. */
  | 'looking'
  /** The manifest is here, nothing was asked for yet. */
  | 'ready'
  | 'downloading'
  | 'paused'
  | 'complete'
  /** The person stopped sharing: no links, no announces. */
  | 'stopped'
  /** The world got in the way; `trouble` says how. Progress is kept. */
  | 'failed';

export type Trouble =
  | { kind: 'store'; why: StoreTrouble }
  /** The sender's own file can no longer be read as it was shared. */
  | { kind: 'source'; why: ReadTrouble };

export interface PeerSnapshot {
  readonly id: PeerId;
  /** Another tab of our own browser ([ID2]). */
  readonly own: boolean;
  readonly role: LinkRole;
  /** Speaks our further frames; false: an unmodified TorrentInno peer. */
  readonly extended: boolean;
  readonly pieces: number;
  /** Payload of blocks in bytes a second, averaged over some seconds. */
  readonly down: number;
  readonly up: number;
}

export interface EngineSnapshot {
  readonly phase: SharePhase;
  readonly trouble: Trouble | null;
  readonly manifest: Manifest | null;
  readonly totalBytes: number;
  /** Bytes of stored pieces plus received blocks of pieces under way. */
  readonly receivedBytes: number;
  readonly storedBytes: number;
  /** One byte a piece: 0 absent, 1 under way, 2 stored. A copy, empty without a manifest. */
  readonly pieces: Uint8Array;
  readonly down: number;
  readonly up: number;
  readonly uploadedBytes: number;
  /** Seconds until complete at the present rate; null when there is no rate. */
  readonly eta: number | null;
  /** Other people in the swarm, each once; null: nothing is known of anybody. */
  readonly online: Others | null;
  /** How many of them can send something that is missing here, as far as it is known. */
  readonly senders: number;
  readonly trackerOnline: boolean;
  readonly peers: readonly PeerSnapshot[];
  /** No block arrived for a while although the download wants some. */
  readonly stalled: boolean;
}

export interface SnapshotParts {
  readonly own: PeerId;
  readonly phase: SharePhase;
  readonly trouble: Trouble | null;
  readonly content: Content | null;
  readonly sessions: readonly PeerSession[];
  readonly online: Others | null;
  readonly senders: number;
  readonly trackerOnline: boolean;
  readonly lastBlockAt: number;
  readonly now: number;
}

export function snapshotOf(parts: SnapshotParts): EngineSnapshot {
  const { phase, trouble, content, online, senders, trackerOnline, now } = parts;
  const open = parts.sessions.filter((session) => session.open);
  const peers = open.map((session) => peerSnapshot(session, parts.own, now));
  const down = sum(peers.map((peer) => peer.down));
  const missing = content === null ? 0 : content.missingBytes - content.ledger.underwayBytes;
  return {
    phase,
    trouble,
    manifest: content?.manifest ?? null,
    totalBytes: content?.manifest.totalBytes ?? 0,
    receivedBytes: content === null ? 0 : content.ledger.ownedBytes + content.ledger.underwayBytes,
    storedBytes: content?.ledger.ownedBytes ?? 0,
    pieces: content?.ledger.states() ?? new Uint8Array(0),
    down,
    up: sum(peers.map((peer) => peer.up)),
    uploadedBytes: content?.giving.uploads.sentBytes ?? 0,
    eta: phase === 'downloading' && down > 0 ? missing / down : null,
    online,
    senders,
    trackerOnline,
    peers,
    stalled: phase === 'downloading' && now - parts.lastBlockAt > STALLED_AFTER_MS,
  };
}

function peerSnapshot(session: PeerSession, own: PeerId, now: number): PeerSnapshot {
  return {
    id: session.peer,
    own: personOf(session.peer) === personOf(own),
    role: session.role,
    extended: session.extended,
    pieces: session.has?.count ?? 0,
    down: session.down.perSecond(now),
    up: session.up.perSecond(now),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
