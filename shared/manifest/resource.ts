/**
 * The manifest of a share: a TorrentInno resource with Shoal's key ([MF1]–[MF8]). Bytes of a stranger become a
 * `Manifest` or a refusal; who holds a `Manifest` need not check it again, but for its two hashes: the info-hash
 * against the link and `shoal.digest` against the shoal text, which the caller computes. Knows no link and no IO.
 */
import { assert } from '../assert.ts';
import { isHexId } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import {
  MAX_COMMENT_LENGTH,
  MAX_DATE_LENGTH,
  MAX_HOST_LENGTH,
  MAX_MANIFEST_BYTES,
  MAX_NAME_BYTES,
  MAX_PIECE_BYTES,
} from '../limits.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { normaliseCreationDate } from './creation-date.ts';
import { infoHashPreimage } from './info-hash.ts';
import type { Manifest, ManifestPiece } from './manifest.ts';
import { segmentFlaw } from './paths.ts';
import type { SegmentFlaw } from './paths.ts';
import { refused } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { readResourceShape } from './shape.ts';
import type { RawResource } from './shape.ts';
import { isDigest, joinMarker, MARKER_LENGTH, readShoalKey, splitMarker } from './shoal-key.ts';
import type { Content } from './shoal-key.ts';

export type { ContentUrl, Manifest, ManifestPiece, ShareFile } from './manifest.ts';
export type { InfoHash, Refusal };

export interface ParsedManifest {
  readonly kind: 'parsed';
  readonly manifest: Manifest;
  /** Its SHA-256 is the info-hash ([MF4]). */
  readonly preimage: Uint8Array<ArrayBuffer>;
  /** Its SHA-256 must be `manifest.shoal.digest`; null for a plain TorrentInno resource. */
  readonly shoalText: Uint8Array<ArrayBuffer> | null;
}

/**
 * Read as far as its hashes need it, which is little work for each of its bytes. What a stranger sent is judged by them
 * before anything else is done with it ([MX3]).
 */
export interface UnprovedManifest {
  readonly kind: 'unproved';
  readonly preimage: Uint8Array<ArrayBuffer>;
  readonly shoalText: Uint8Array<ArrayBuffer> | null;
  /** What the SHA-256 of `shoalText` must be; null without one. */
  readonly shoalDigest: string | null;
  /** All of it, with its files and paths: once its hashes are the right ones. */
  check(): Manifest | Refusal;
}

/** [MF1] Total, and bounded before anything is parsed. The bytes are a resource's JSON text in UTF-8. */
export function parseManifest(bytes: Uint8Array): ParsedManifest | Refusal {
  const read = readManifest(bytes);
  if (read.kind === 'refused') return read;
  const manifest = read.check();
  if ('kind' in manifest) return manifest;
  const { preimage, shoalText } = read;
  return { kind: 'parsed', manifest, preimage, shoalText };
}

export function readManifest(bytes: Uint8Array): UnprovedManifest | Refusal {
  if (bytes.length > MAX_MANIFEST_BYTES) return refused('too-large', `a manifest of ${bytes.length} bytes`);
  const text = decodeUtf8(bytes);
  if (text === null) return refused('not-utf8', 'the manifest is not UTF-8');
  const shaped = readResourceShape(text);
  if (shaped.kind === 'refused') return shaped;
  const fields = readFields(shaped.value);
  if ('kind' in fields) return fields;
  const preimage = infoHashPreimage({ ...fields, comment: fullComment(fields) });
  if (preimage === null) return nameRefusal('ill-formed'); // the other texts were looked at
  const { shoal } = fields;
  return {
    kind: 'unproved',
    preimage: encodeUtf8(preimage),
    shoalText: shoal === null ? null : encodeUtf8(shoal.text),
    shoalDigest: shoal === null ? null : shoal.digest,
    check: () => checkFields(fields, bytes.length),
  };
}

/** The fields that the info-hash covers, and the shoal text unread. */
type Fields = Omit<Manifest, keyof Content | 'totalBytes'>;

function checkFields(fields: Fields, bytes: number): Manifest | Refusal {
  const flaw = segmentFlaw(fields.name);
  if (flaw !== null) return nameRefusal(flaw);
  const totalBytes = fields.pieces.reduce((sum, piece) => sum + piece.size, 0);
  const content = checkContent(fields.name, totalBytes, fields.shoal?.text ?? null);
  if ('kind' in content) return content;
  const manifest = { ...fields, ...content, totalBytes };
  if (outgrows(manifest, bytes)) return refused('too-large', 'the manifest grows beyond its bound');
  return manifest;
}

/** Printed again, `1e6` is longer and a date may be; nothing can make a manifest twice as long. */
function outgrows(manifest: Manifest, bytes: number): boolean {
  return bytes > MAX_MANIFEST_BYTES / 2 && serialiseManifest(manifest) === null;
}

function readFields(raw: RawResource): Fields | Refusal {
  const long = lengthRefusal(raw);
  if (long !== null) return long;
  const marked = checkMarker(raw);
  if ('kind' in marked) return marked;
  const { comment, shoal } = marked;
  const flaw = textRefusal(raw, comment) ?? piecesRefusal(raw.pieces);
  if (flaw !== null) return flaw;
  const trackerPort = portText(raw.trackerPort);
  if (trackerPort === null) return refused('port', 'the port is not a number from 0 to 65535 in digits');
  const creationDate = normaliseCreationDate(raw.creationDate);
  if (creationDate === null) return refused('date', 'the creation date is not an ISO date');
  const { trackerIp, name, pieces } = raw;
  return { trackerIp, trackerPort, comment, creationDate, name, pieces, shoal };
}

/** [MF3] Key and marker come together or not at all. */
function checkMarker(raw: RawResource): Pick<Manifest, 'comment' | 'shoal'> | Refusal {
  const { comment, digest } = splitMarker(raw.comment);
  if (digest === null) {
    return raw.shoal === undefined
      ? { comment, shoal: null }
      : refused('marker', 'a shoal key without its marker');
  }
  if (raw.shoal === undefined) return refused('marker', 'a marker in the comment without its shoal key');
  if (!isDigest(digest)) return refused('marker', 'the marker is not a SHA-256 in canonical base64url');
  return { comment, shoal: { text: raw.shoal, digest } };
}

/** [MF8] Judged before anything looks into the texts. */
function lengthRefusal({ trackerIp, comment, creationDate, name }: RawResource): Refusal | null {
  const bounds: [string, string, number][] = [
    ['trackerIp', trackerIp, MAX_HOST_LENGTH],
    ['comment', comment, MAX_COMMENT_LENGTH + MARKER_LENGTH],
    ['creationDate', creationDate, MAX_DATE_LENGTH],
  ];
  for (const [key, text, most] of bounds) {
    if (text.length > most) return lengthFlaw(key, text, most);
  }
  return name.length > MAX_NAME_BYTES ? nameRefusal('too-long') : null;
}

function lengthFlaw(key: string, text: string, most: number): Refusal {
  return refused('text', `${key} has ${text.length} characters, at most ${most} may be`);
}

function nameRefusal(flaw: SegmentFlaw): Refusal {
  return refused('name', `the name cannot be a file's: ${flaw}`);
}

/** [MF4] What makes the hashed text parse in one way only. The name may hold `;`: the piece list behind it cannot. */
function textRefusal({ trackerIp, creationDate }: RawResource, comment: string): Refusal | null {
  if (comment.length > MAX_COMMENT_LENGTH) return lengthFlaw('comment', comment, MAX_COMMENT_LENGTH);
  for (const [key, text] of Object.entries({ trackerIp, comment, creationDate })) {
    if (!text.isWellFormed()) return refused('text', `${key} holds an unpaired surrogate`);
    if (text.includes(';')) return refused('text', `${key} holds a semicolon`);
  }
  return null;
}

function portText(port: string | number): string | null {
  const text = String(port);
  return text.length <= 5 && /^[0-9]+$/.test(text) && Number(text) <= 65_535 ? text : null;
}

function piecesRefusal(pieces: readonly ManifestPiece[]): Refusal | null {
  for (const [index, { sha256, size }] of pieces.entries()) {
    if (!isHexId(sha256)) return refused('piece', `piece ${index}: its hash is not 64 lowercase hex digits`);
    if (!Number.isInteger(size) || size < 1 || size > MAX_PIECE_BYTES) {
      return refused('piece', `piece ${index}: a size of ${size} bytes`);
    }
  }
  return null;
}

function checkContent(name: string, totalBytes: number, shoalText: string | null): Content | Refusal {
  const only = { path: [name], size: totalBytes };
  if (shoalText === null) return { files: [only], folders: [], urls: [] };
  const key = readShoalKey(shoalText, only);
  if (key.kind === 'refused') return key;
  const sum = key.content.files.reduce((bytes, file) => bytes + file.size, 0);
  if (sum === totalBytes) return key.content;
  return refused('files', `the files have ${sum} bytes, the pieces ${totalBytes}`);
}

/** [MF4] The bytes whose SHA-256 is the info-hash. */
export function manifestPreimage(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const text = infoHashPreimage({ ...manifest, comment: fullComment(manifest) });
  assert(text !== null, 'a checked manifest has a readable date and well-formed text');
  return encodeUtf8(text);
}

/** The comment as the resource has it: with the marker. */
export function fullComment({ comment, shoal }: Pick<Manifest, 'comment' | 'shoal'>): string {
  return joinMarker(comment, shoal?.digest ?? null);
}

/** [MF1] The resource as JSON in UTF-8, keys in TorrentInno's order. Null: more bytes than a manifest may have. */
export function serialiseManifest(manifest: Manifest): Uint8Array<ArrayBuffer> | null {
  const { trackerIp, trackerPort, creationDate, name, shoal } = manifest;
  const pieces = manifest.pieces.map(({ sha256, size }) => ({ sha256, size }));
  const resource = { trackerIp, trackerPort, comment: fullComment(manifest), creationDate, name, pieces };
  const bytes = encodeUtf8(JSON.stringify(shoal === null ? resource : { ...resource, shoal: shoal.text }));
  return bytes.length > MAX_MANIFEST_BYTES ? null : bytes;
}
