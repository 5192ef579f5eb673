/** What is told of a share whose manifest is known ([HL5]). Pure. */
import type { InfoHash } from '../../shared/ids.ts';
import { TORRENTINNO_MAX_PIECE_BYTES } from '../../shared/limits.ts';
import { magnetText } from '../../shared/manifest/magnet.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { ResourceInfo, ShareFacts } from '../terminal/said.ts';
import { linkAt } from './server.ts';

export function factsOf(infoHash: InfoHash, manifest: Manifest, serverUrl: string): ShareFacts {
  const { name, totalBytes, files, pieces } = manifest;
  const link = linkAt(serverUrl, infoHash);
  const pieceSize = pieces.reduce((most, { size }) => Math.max(most, size), 0);
  return {
    infoHash,
    link,
    magnet: magnetText({ infoHash, name, bytes: totalBytes, link }),
    name,
    size: totalBytes,
    files: files.length,
    pieces: pieces.length,
    pieceSize,
    torrentInno: pieceSize <= TORRENTINNO_MAX_PIECE_BYTES,
  };
}

export function infoOf(infoHash: InfoHash, manifest: Manifest, serverUrl: string): ResourceInfo {
  const { comment, creationDate, trackerIp, trackerPort, files, folders } = manifest;
  return {
    type: 'resource',
    ...factsOf(infoHash, manifest, serverUrl),
    comment,
    createdAt: creationDate,
    tracker: trackerPort === '0' ? trackerIp : `${trackerIp}:${trackerPort}`,
    list: files.map(({ path, size, modified }) => ({
      path,
      size,
      ...(modified === undefined ? {} : { modified }),
    })),
    folders,
  };
}
