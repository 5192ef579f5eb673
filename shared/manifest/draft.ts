/**
 * A person's files become a manifest ([MF8]): what they typed is cleaned so that every peer accepts it, and what is
 * on their disk gets safe, distinct paths. In two steps, because the marker needs a hash that only the caller can
 * compute. Knows no clock and no randomness: time and salt are arguments.
 */
import { assert } from '../assert.ts';
import { MAX_COMMENT_LENGTH, MAX_HOST_LENGTH } from '../limits.ts';
import { isContentUrl } from './content-url.ts';
import { canonicalDateOf } from './creation-date.ts';
import type { ContentUrl, Manifest, ManifestPiece, ShareFile } from './manifest.ts';
import { distinctPaths } from './path-tree.ts';
import type { Path } from './path-tree.ts';
import { safeSegment } from './paths.ts';
import { isDigest, isFileDate, shoalTextOf, splitMarker } from './shoal-key.ts';

export interface DraftRequest {
  readonly name: string;
  readonly comment: string;
  readonly trackerHost: string;
  /** Digits; empty (an address with its scheme's own port) becomes 0. */
  readonly trackerPort: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** At least one, in the order in which the pieces run over them; paths as the person's system has them. */
  readonly files: readonly ShareFile[];
  /** Of folders in which nothing lies, also as the system has them. */
  readonly folders?: readonly Path[];
  readonly pieces: readonly ManifestPiece[];
  /** Where the files can be had, as `isContentUrl` allows it; `file` is an index in `files`. */
  readonly urls?: readonly ContentUrl[];
  /** 128 random bits in base64url; null where the same content must give the same info-hash: dates are left out. */
  readonly salt: string | null;
}

export interface Draft {
  /** To be hashed: its SHA-256 in base64url goes to `finish`. Null: there is nothing, and `finish` takes null. */
  readonly shoalText: string | null;
  finish(shoalDigest: string | null): Manifest;
}

export function draftManifest(request: DraftRequest): Draft {
  const creationDate = canonicalDateOf(request.createdAt);
  assert(creationDate !== null, 'the date lies in the years 1 to 9999');
  const name = safeSegment(request.name);
  const { files, folders } = safeContent(request);
  const { urls = [] } = request;
  assert(
    urls.every(({ url, file }) => isContentUrl(url) && file < files.length),
    'addresses that a share may name, of its files',
  );
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
  const hashedBytes = request.pieces.reduce((sum, piece) => sum + piece.size, 0);
  assert(files.length > 0 && totalBytes === hashedBytes, 'the pieces run over the files');
  const shoalText = shoalTextOf({
    ...(request.salt === null ? {} : { salt: request.salt }),
    ...(isPlain(name, files) ? dateOf(files[0]) : { files }),
    folders,
    urls,
  });
  const text = cleanComment(request.comment);
  return {
    shoalText,
    finish: (shoalDigest) => ({
      trackerIp: cleanText(request.trackerHost, MAX_HOST_LENGTH),
      trackerPort: request.trackerPort === '' ? '0' : request.trackerPort,
      comment: shoalText === null ? withoutMarkers(text) : text,
      creationDate,
      name,
      pieces: request.pieces,
      files,
      folders,
      urls,
      totalBytes,
      shoal: pairOf(shoalText, shoalDigest),
    }),
  };
}

function pairOf(text: string | null, digest: string | null): Manifest['shoal'] {
  if (text === null) {
    assert(digest === null, 'without a shoal text there is no digest of it');
    return null;
  }
  assert(digest !== null && isDigest(digest), 'the digest of the shoal text is 43 characters of base64url');
  return { text, digest };
}

function safeContent({ files, folders = [], salt }: DraftRequest): Pick<Manifest, 'files' | 'folders'> {
  const safe = distinctPaths({ files: files.map((file) => file.path), folders });
  const named = files.map((file, nth) => ({
    path: safe.files[nth] ?? [],
    size: file.size,
    ...(salt === null ? {} : dateOf(file)),
  }));
  return { files: named, folders: safe.folders };
}

/** A date that no manifest may hold is as good as none. */
function dateOf(file: ShareFile | undefined): Pick<ShareFile, 'modified'> {
  const modified = file?.modified;
  // JSON has one zero: -0 would not be read back as it was.
  return modified === undefined || !isFileDate(modified) ? {} : { modified: modified + 0 };
}

/** One file that is called like the share needs no list. */
function isPlain(name: string, files: readonly ShareFile[]): boolean {
  const [only] = files;
  return files.length === 1 && only?.path.length === 1 && only.path[0] === name;
}

/** What a person typed, as a manifest may have it. */
export function cleanComment(typed: string): string {
  return cleanText(typed, MAX_COMMENT_LENGTH);
}

/** A semicolon would end the field in the text that is hashed; half a character at the cut is left out. */
function cleanText(text: string, most: number): string {
  return text
    .toWellFormed()
    .replaceAll(';', ',')
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, '');
}

/** Without a shoal key a comment that ends like a marker would be refused. */
function withoutMarkers(comment: string): string {
  const split = splitMarker(comment);
  return split.digest === null ? comment : withoutMarkers(split.comment);
}
