/**
 * What a person is told about a share ([EN6]): one immutable snapshot, computed when it is asked for. Decides
 * nothing.
 */
import type { Connection } from './connection/connection.ts';
import type { Connections } from './connection/connections.ts';
import type { Content } from './content.ts';
import type { EngineSnapshot, PeerSnapshot, SomeFiles } from './io.ts';
import type { WebSeeds } from './web/web-seeds.ts';
import type { WebSwarm } from './web/web-swarm.ts';
import { storedBytesOf } from '../manifest/file-pieces.ts';

/** ms without a block until a download counts as stalled. */
const STALLED_AFTER_MS = 10_000;

export interface SnapshotParts extends Pick<
  EngineSnapshot,
  'phase' | 'trouble' | 'manifestRefused' | 'online' | 'senders' | 'trackerOnline' | 'trackerRefuses'
> {
  readonly content: Content | null;
  readonly connections: Connections;
  readonly webSeeds: WebSeeds;
  readonly web: WebSwarm | null;
  /** Somebody is connected, and nobody has what is missing. */
  readonly lacks: boolean;
  /** When the last block came, or the first was asked for, in ms. */
  readonly movedAt: number;
  readonly now: number;
}

export function snapshotOf(parts: SnapshotParts): EngineSnapshot {
  const { phase, trouble, manifestRefused, content, online, senders, trackerOnline, trackerRefuses, now } =
    parts;
  const peers: PeerSnapshot[] = [];
  for (const connection of parts.connections) {
    if (connection.wire.open)
      peers.push(peerSnapshot(connection, parts.connections.presence.isOwnTab(connection.wire.peer), now));
  }
  const webSeeds = parts.webSeeds.snapshot(now);
  const fromWeb = parts.webSeeds.receivedBytes;
  const down = sum([...peers, ...webSeeds].map((source) => source.down));
  const [owned, underway] = [content?.ledger.ownedBytes ?? 0, content?.ledger.underwayBytes ?? 0];
  const foundBytes = content?.download.adoption.bytes ?? 0;
  const totalBytes = content?.manifest.totalBytes ?? 0;
  // What is here and waits for a slow disk is nobody else's delay.
  const stores = (content?.ledger.unstoredBytes ?? 0) > 0;
  const stalled = phase === 'downloading' && !stores && now - parts.movedAt > STALLED_AFTER_MS;
  const toCome = (content?.selection.missingBytes ?? 0) - underway - foundBytes;
  return {
    phase,
    trouble,
    manifest: content?.manifest ?? null,
    manifestRefused,
    totalBytes,
    wanted: content?.selection.snapshot() ?? null,
    unreadable: content?.unreadable.snapshot() ?? null,
    lacking: stalled && parts.lacks && content !== null ? lackingOf(content) : null,
    receivedBytes: owned + underway,
    storedBytes: owned,
    foundBytes,
    pieces: content?.ledger.states() ?? new Uint8Array(0),
    pieceChanges: content?.ledger.changes ?? -1,
    down,
    up: sum(peers.map((peer) => peer.up)),
    uploadedBytes: content?.upload.sentBytes ?? 0,
    eta: phase === 'downloading' && down > 0 ? Math.max(0, toCome) / down : null,
    online,
    senders,
    trackerOnline,
    trackerRefuses,
    peers,
    webSeeds,
    web: parts.web?.snapshot() ?? null,
    receivedFrom: { people: (content?.download.requests.receivedBytes ?? 0) - fromWeb, web: fromWeb },
    stalled,
  };
}

/** [PK7] The wanted files that are not whole. */
function lackingOf({ manifest, selection, ledger }: Content): SomeFiles | null {
  const stored = storedBytesOf(manifest, (piece) => ledger.owned.has(piece));
  const wanted = selection.files ?? manifest.files.keys();
  const lacking = [...wanted].filter((file) => stored[file] !== manifest.files[file]?.size);
  const [first] = lacking;
  return first === undefined ? null : { files: lacking.length, first: manifest.files[first]?.path ?? [] };
}

function peerSnapshot({ wire, holdings, source, slot }: Connection, own: boolean, now: number): PeerSnapshot {
  return {
    id: wire.peer,
    own,
    role: wire.role,
    extended: wire.extended,
    pieces: holdings.has?.count ?? 0,
    down: source.pipeline.rate(now),
    up: slot.backlog.rate(now),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
