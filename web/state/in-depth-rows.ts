/** What the page of one transfer says of its peers, its files and its map ([UI24]). Pure. */
import { displayName } from '../../shared/manifest/display.ts';
import { formatBytes, formatRate, nameInSentence, percentOf } from '../../shared/words/format.ts';
import { labelsOf } from '../../shared/words/labels.ts';
import { shortId } from './short-id.ts';
import type { FileRow, SpeedSample, Transfer } from './session.ts';

type Peer = Transfer['peers'][number];

export interface PeerRow {
  readonly id: Peer['id'];
  /** The first digits of its id, as in the log of transfers. */
  readonly name: string;
  readonly client: string;
  readonly path: string;
  readonly percent: number;
  readonly down: string;
  readonly up: string;
  /** Another tab of this browser cannot be sent away. */
  readonly own: boolean;
}

const PATHS: Readonly<Record<Peer['path'], string>> = {
  direct: 'direct',
  lan: 'local network',
  relayed: 'through a relay',
};

/** Each once: a connection that is being replaced stands beside the new one. */
export function peerRows({ peers, pieces }: Pick<Transfer, 'peers' | 'pieces'>): PeerRow[] {
  const rows = new Map<Peer['id'], PeerRow>();
  for (const peer of peers) {
    const { id, own, extended, path } = peer;
    rows.set(id, {
      ...{ id, own, name: own ? 'Another tab' : shortId(id) },
      client: extended ? 'Shoal' : 'TorrentInno',
      path: PATHS[path],
      percent: percentOf(peer.pieces, pieces.length),
      down: rate(peer.down),
      up: rate(peer.up),
    });
  }
  // Whoever wants to be taken for another one can choose the first digits of an id.
  const labels = labelsOf([...rows.values()].map(({ name }) => name));
  return [...rows.values()].map((row, nth) => ({ ...row, name: labels[nth] ?? row.name }));
}

function rate(bytesPerSecond: number): string {
  return bytesPerSecond === 0 ? '–' : formatRate(bytesPerSecond);
}

export interface FileLine {
  /** Its place in the list of the share. */
  readonly file: number;
  readonly name: string;
  /** All of its path, where a long folder is cut in `name`. */
  readonly path: string;
  readonly size: string;
  readonly done: string;
}

/** In the order of the share. */
export function fileLines(files: readonly FileRow[], most: number): FileLine[] {
  return files.slice(0, most).map(({ path, size, storedBytes, wanted }, file) => ({
    file,
    name: [...path.slice(0, -1).map(nameInSentence), displayName(path.at(-1) ?? '')].join('/'),
    path: path.map(displayName).join('/'),
    size: formatBytes(size),
    done: storedBytes >= size ? 'all of it' : wanted ? `${percentOf(storedBytes, size)} %` : 'not chosen',
  }));
}

const STORED = 2;

/** For those who do not see the map. */
export function mapSentence(pieces: Uint8Array, copies: Uint8Array, isOwn: boolean): string {
  if (pieces.length === 0) return 'There are no pieces.';
  let [here, nowhere, rarest] = [0, 0, Infinity];
  pieces.forEach((piece, at) => {
    const others = copies[at] ?? 0;
    if (piece === STORED) here++;
    else if (others === 0) nowhere++;
    rarest = Math.min(rarest, others);
  });
  const have = `${here} of ${pieces.length} pieces are here.`;
  if (copies.length !== pieces.length) return have;
  if (isOwn || here === pieces.length)
    return `${have} ${rarest === 0 ? 'Those who are connected do not have all of them yet.' : 'All of them can be had elsewhere, too.'}`;
  // From a server on the web, perhaps.
  if (nowhere === 0) return `${have} All others can be fetched now.`;
  return `${have} ${nowhere} of the others are with nobody who is connected.`;
}

/** The figures of the chart, in words. */
export function speedSentence(speeds: readonly SpeedSample[]): string {
  const last = speeds.at(-1);
  if (last === undefined) return 'Nothing was measured yet.';
  const most = (direction: 'down' | 'up'): string =>
    formatRate(Math.max(...speeds.map((sample) => sample[direction])));
  return `Now ${formatRate(last.down)} down and ${formatRate(last.up)} up; at most ${most('down')} down and ${most('up')} up in the last minutes.`;
}
