/**
 * The manifest of a file at a web address of which nobody knows the hashes yet ([WS20]): one file, cut as any share of
 * its size is, each piece with a hash that stands for none. Never sent to anybody and of no info-hash: what is made of
 * the file at the end is an ordinary one.
 */
import { pieceSizeFor, pieceSizes } from '../geometry.ts';
import { isContentUrl } from './content-url.ts';
import type { Manifest } from './manifest.ts';
import { safeSegment } from './paths.ts';

/** Stands where a hash is not known. It is that of no bytes that anybody knows. */
export const UNHASHED = '0'.repeat(64);

/** A share that is made of it has this date, so that all who make one make the same. */
const NO_DATE = '1970-01-01T00:00:00';

/** Null: the address is none that a share may name, or the file is larger than a share may be. */
export function unhashedManifest(file: {
  readonly url: string;
  /** As the server or the address calls it; made safe here. */
  readonly name: string;
  readonly size: number;
}): Manifest | null {
  const pieceBytes = pieceSizeFor(file.size, null);
  if (pieceBytes === null || !isContentUrl(file.url)) return null;
  const name = safeSegment(file.name);
  return {
    trackerIp: '',
    trackerPort: '0',
    comment: '',
    creationDate: NO_DATE,
    name,
    pieces: pieceSizes(file.size, pieceBytes).map((size) => ({ sha256: UNHASHED, size })),
    files: [{ path: [name], size: file.size }],
    folders: [],
    urls: [{ url: file.url, file: 0 }],
    totalBytes: file.size,
    shoal: null,
  };
}
