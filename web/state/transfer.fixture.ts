/** Transfers for the tests of the state: one of a share nobody was found for yet, to vary. */
import { infoHash as checked, peerId, type InfoHash } from '../../shared/ids.ts';
import type { ConnectedPeer } from '../../shared/peer/verbs.ts';
import type { ShownManifest } from '../worker/contract.ts';
import type { Transfer } from './session.ts';

export function idOf(digit: string): InfoHash {
  const id = checked(digit.repeat(64));
  if (id === null) throw new Error(`${digit} is no hexadecimal digit`);
  return id;
}

/** Each in a browser of its own. */
export function peersOf(count: number, changes: Partial<ConnectedPeer> = {}): ConnectedPeer[] {
  return Array.from({ length: count }, (_, index) => {
    const id = peerId(index.toString(16).padStart(32, '0').repeat(2));
    if (id === null) throw new Error('a number is no peer id');
    return {
      id,
      own: false,
      role: 'dialler',
      extended: true,
      pieces: 0,
      down: 0,
      up: 0,
      path: 'direct',
      ...changes,
    };
  });
}

/** One file lies plain, several in a folder. */
export function manifestOf(sizes: readonly number[]): ShownManifest {
  return {
    comment: '',
    name: 'Photos',
    files: sizes.map((size, index) => ({
      path: [...(sizes.length === 1 ? [] : ['Photos']), `${index}.jpg`],
      size,
    })),
    folders: [],
    fileCount: sizes.length,
    folderCount: 0,
    pieceBytes: 262_144,
    web: { urls: [], urlCount: 0, hosts: [], hostCount: 0 },
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

export function transferOf(changes: Partial<Transfer>): Transfer {
  return {
    infoHash: idOf('a'),
    role: 'receiving',
    savable: false,
    filesMissing: null,
    saved: false,
    delivered: 0,
    listed: 'no',
    saveDue: false,
    webSeeds: [],
    web: null,
    receivedFrom: { people: 0, web: 0 },
    phase: 'looking',
    trouble: null,
    unreadable: null,
    lacking: null,
    manifest: null,
    manifestRefused: false,
    wanted: null,
    totalBytes: changes.manifest?.totalBytes ?? 0,
    receivedBytes: 0,
    storedBytes: 0,
    foundBytes: 0,
    pieces: new Uint8Array(),
    down: 0,
    up: 0,
    uploadedBytes: 0,
    eta: null,
    online: { seeds: 0, leechers: 0 },
    senders: 0,
    trackerOnline: true,
    trackerRefuses: false,
    peers: [],
    stalled: false,
    ...changes,
  };
}
