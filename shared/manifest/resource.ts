/**
 * The manifest of a share: a TorrentInno resource with Shoal's key ([MF1]–[MF8]). Bytes of a stranger become a
 * `Manifest` or a refusal; who holds a `Manifest` need not check it again, but for its two hashes: the info-hash
 * against the link and `shoal.digest` against the shoal text, which the caller computes. Knows no link and no IO.
 */
import { assert } from '../assert.ts';
import { isHexId } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { MAX_COMMENT_LENGTH, MAX_HOST_LENGTH, MAX_MANIFEST_BYTES, MAX_PIECE_BYTES } from '../limits.ts';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { normaliseCreationDate } from './creation-date.ts';
import { infoHashPreimage } from './info-hash.ts';
import type { Manifest, ManifestPiece } from './manifest.ts';
import { segmentFlaw } from './paths.ts';
import { refused } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { readResourceShape } from './shape.ts';
import type { RawResource } from './shape.ts';
import { isDigest, joinMarker, readShoalKey, splitMarker } from './shoal-key.ts';
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

/** [MF1] Total, and bounded before anything is parsed. The bytes are a resource's JSON text in UTF-8. */
export function parseManifest(bytes: Uint8Array): ParsedManifest | Refusal {
  if (bytes.length > MAX_MANIFEST_BYTES) return refused('too-large', `a manifest of ${bytes.length} bytes`);
  const text = decodeUtf8(bytes);
  if (text === null) return refused('not-utf8', 'the manifest is not UTF-8');
  const shaped = readResourceShape(text);
  if (shaped.kind === 'refused') return shaped;
  const manifest = checkResource(shaped.value);
  if ('kind' in manifest) return manifest;
  if (outgrows(manifest, bytes.length)) return refused('too-large', 'the manifest grows beyond its bound');
  const shoalText = manifest.shoal === null ? null : encodeUtf8(manifest.shoal.text);
  return { kind: 'parsed', manifest, preimage: manifestPreimage(manifest), shoalText };
}

/** Printed again, `1e6` is longer and a date may be; nothing can make a manifest twice as long. */
function outgrows(manifest: Manifest, bytes: number): boolean {
  return bytes > MAX_MANIFEST_BYTES / 2 && serialiseManifest(manifest) === null;
}

function checkResource(raw: RawResource): Manifest | Refusal {
  const marked = checkMarker(raw);
  if ('kind' in marked) return marked;
  const { comment, shoal } = marked;
  const flaw = textRefusal(raw, comment) ?? piecesRefusal(raw.pieces);
  if (flaw !== null) return flaw;
  const trackerPort = portText(raw.trackerPort);
  if (trackerPort === null) return refused('port', 'the port is not a number from 0 to 65535 in digits');
  const creationDate = normaliseCreationDate(raw.creationDate);
  if (creationDate === null) return refused('date', 'the creation date is not an ISO date');
  const totalBytes = raw.pieces.reduce((sum, piece) => sum + piece.size, 0);
  const content = checkContent(raw.name, totalBytes, shoal?.text ?? null);
  if ('kind' in content) return content;
  const { trackerIp, name, pieces } = raw;
  return { trackerIp, trackerPort, comment, creationDate, name, pieces, ...content, totalBytes, shoal };
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

/** [MF4] What makes the hashed text parse in one way only. The name may hold `;`: the piece list behind it cannot. */
function textRefusal(raw: RawResource, comment: string): Refusal | null {
  const bounds: [string, string, number][] = [
    ['trackerIp', raw.trackerIp, MAX_HOST_LENGTH],
    ['comment', comment, MAX_COMMENT_LENGTH],
    ['creationDate', raw.creationDate, Infinity],
  ];
  for (const [key, text, most] of bounds) {
    if (!text.isWellFormed()) return refused('text', `${key} holds an unpaired surrogate`);
    if (text.includes(';')) return refused('text', `${key} holds a semicolon`);
    if (text.length > most)
      return refused('text', `${key} has ${text.length} characters, at most ${most} may be`);
  }
  const flaw = segmentFlaw(raw.name);
  return flaw === null ? null : refused('name', `the name cannot be a file's: ${flaw}`);
}

function portText(port: string | number): string | null {
  const text = String(port);
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? text : null;
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
export function fullComment(manifest: Manifest): string {
  return joinMarker(manifest.comment, manifest.shoal?.digest ?? null);
}

/** [MF1] The resource as JSON in UTF-8, keys in TorrentInno's order. Null: more bytes than a manifest may have. */
export function serialiseManifest(manifest: Manifest): Uint8Array<ArrayBuffer> | null {
  const { trackerIp, trackerPort, creationDate, name, shoal } = manifest;
  const pieces = manifest.pieces.map(({ sha256, size }) => ({ sha256, size }));
  const resource = { trackerIp, trackerPort, comment: fullComment(manifest), creationDate, name, pieces };
  const bytes = encodeUtf8(JSON.stringify(shoal === null ? resource : { ...resource, shoal: shoal.text }));
  return bytes.length > MAX_MANIFEST_BYTES ? null : bytes;
}
