/** Figures of a share and of a peer as a test wants them, and else as they are at first. */
import { peerId, infoHash } from '../../shared/ids.ts';
import type { ConnectedPeer, TransferSnapshot } from '../../shared/peer/verbs.ts';

export function peerOf(change: Partial<ConnectedPeer> = {}, nth = 1): ConnectedPeer {
  const id = peerId(String(nth).repeat(64));
  if (id === null) throw new Error('no id');
  return {
    id,
    own: false,
    role: 'dialler',
    extended: true,
    pieces: 0,
    down: 0,
    up: 0,
    path: 'direct',
    ...change,
  };
}

export function snapshotOf(change: Partial<TransferSnapshot> = {}): TransferSnapshot {
  const id = infoHash('a'.repeat(64));
  if (id === null) throw new Error('no id');
  return {
    infoHash: id,
    role: 'receiving',
    phase: 'looking',
    trouble: null,
    manifestRefused: false,
    totalBytes: 0,
    wanted: null,
    unreadable: null,
    lacking: null,
    receivedBytes: 0,
    storedBytes: 0,
    foundBytes: 0,
    pieces: null,
    down: 0,
    up: 0,
    uploadedBytes: 0,
    eta: null,
    online: null,
    senders: 0,
    trackerOnline: true,
    trackerRefuses: false,
    peers: [],
    stalled: false,
    filesMissing: null,
    saved: false,
    delivered: 0,
    listed: 'no',
    savable: false,
    saveDue: false,
    webSeeds: [],
    web: null,
    receivedFrom: { people: 0, web: 0 },
    ...change,
  };
}
