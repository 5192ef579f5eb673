/** Lists of files that a sharer can make links for, and that no page of ours would make ([MF1] [MX3]). */
import { createHash } from 'node:crypto';
import type { InfoHash } from '../../shared/ids.ts';
import { MAX_FILES, MAX_MANIFEST_BYTES, MAX_PATH_DEPTH, MAX_PIECES } from '../../shared/limits.ts';
import { infoHashPreimage } from '../../shared/manifest/info-hash.ts';

export interface HostileManifest {
  readonly infoHash: InfoHash;
  readonly bytes: Buffer;
}

interface Parts {
  readonly name: string;
  readonly pieces: readonly { readonly sha256: string; readonly size: number }[];
  readonly shoalText?: string;
}

const PIECE_BYTES = 1_000_000;

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function pieces(count: number): Parts['pieces'] {
  return Array.from({ length: count }, (_, nth) => ({
    sha256: sha256(String(nth)).toString('hex'),
    size: PIECE_BYTES,
  }));
}

function made(
  { name, pieces, shoalText }: Parts,
  print: (text: string) => string = (text) => text,
): HostileManifest {
  const marker = shoalText === undefined ? '' : ` [shoal:${sha256(shoalText).toString('base64url')}]`;
  const fields = {
    trackerIp: 'localhost',
    trackerPort: '0',
    comment: marker,
    creationDate: '2026-01-01T00:00:00+00:00',
    name,
    pieces,
  };
  const preimage = infoHashPreimage(fields);
  if (preimage === null) throw new Error('this has no info-hash');
  const resource = shoalText === undefined ? fields : { ...fields, shoal: shoalText };
  const infoHash = sha256(preimage).toString('hex') as InfoHash;
  return { infoHash, bytes: Buffer.from(print(JSON.stringify(resource))) };
}

/** A name that regular expressions would look at again and again. */
export function dottedName(): HostileManifest {
  return made({ name: '. '.repeat(50_000), pieces: pieces(1) });
}

/** As long as it may be, and longer when it is written again. */
export function growing(): HostileManifest {
  const all = pieces(MAX_PIECES);
  const print = (text: string): string => text.replaceAll(`"size":${PIECE_BYTES}`, '"size":1e6');
  const filled = (filler: number): HostileManifest =>
    made({ name: 'growing', pieces: all, shoalText: JSON.stringify({ x: 'x'.repeat(filler) }) }, print);
  return filled(MAX_MANIFEST_BYTES - filled(0).bytes.length);
}

/** Nothing is wrong with it: as many files as there may be, each as deep as it may lie. */
export function largest(): HostileManifest {
  const files = Array.from({ length: MAX_FILES }, (_, nth) => ({
    path: [...Array.from({ length: MAX_PATH_DEPTH - 1 }, () => String(nth)), 'a'],
    size: nth === 0 ? PIECE_BYTES : 0,
  }));
  return made({ name: 'largest', pieces: pieces(1), shoalText: JSON.stringify({ files }) });
}
