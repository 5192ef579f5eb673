/**
 * The text whose SHA-256 is the info-hash ([MF4]), as TorrentInno builds it. It validates nothing: it takes what a
 * resource's JSON holds, so that it can be tested against TorrentInno's own output. Hashing is its caller's.
 */
import { normaliseCreationDate } from './creation-date.ts';

/** The fields of a resource that the info-hash covers, as its JSON has them: the comment with its marker. */
export interface HashedFields {
  readonly trackerIp: string;
  readonly trackerPort: string | number;
  readonly comment: string;
  readonly creationDate: string;
  readonly name: string;
  readonly pieces: readonly { readonly sha256: string; readonly size: number }[];
}

/**
 * Nothing is escaped, digests stand as written, and a semicolon follows the name even without pieces. Null where
 * TorrentInno raises: a date that Python does not read, or an unpaired surrogate, which UTF-8 cannot hold.
 */
export function infoHashPreimage(fields: HashedFields): string | null {
  const date = normaliseCreationDate(fields.creationDate);
  if (date === null) return null;
  const head = [fields.trackerIp, String(fields.trackerPort), fields.comment, date, fields.name];
  const pieces = fields.pieces.map((piece) => `Path(sha256=${piece.sha256},size_bytes=${piece.size})`);
  const text = `${head.join(';')};${pieces.join(',')}`;
  return text.isWellFormed() ? text : null;
}
