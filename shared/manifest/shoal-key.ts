/**
 * What a TorrentInno resource has no room for ([MF2], [MF3]): the key `shoal`, a string of JSON text with a salt and
 * the list of files, and the marker at the end of the comment that binds it: the info-hash covers the comment, the
 * marker holds the text's SHA-256. TorrentInno ignores the key and shows the marker. Hashing is its caller's.
 */
import { readBase64url } from '../base64url.ts';
import { SALT_LENGTH } from '../limits.ts';
import { displayName } from './display.ts';
import { firstClash } from './path-tree.ts';
import { pathFlaw } from './paths.ts';
import { refused } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import type { ShareFile } from './resource.ts';
import { readShoalShape } from './shape.ts';

const MARKER = / \[shoal:([A-Za-z0-9_-]{43})\]$/;

export interface SplitComment {
  /** What a person typed. */
  readonly comment: string;
  /** SHA-256 of the shoal text as the marker has it; null without a marker. */
  readonly digest: string | null;
}

/** Only what stands last is the marker: the same text before it was typed by a person. */
export function splitMarker(text: string): SplitComment {
  const match = MARKER.exec(text);
  if (match === null) return { comment: text, digest: null };
  return { comment: text.slice(0, match.index), digest: match[1] ?? null };
}

export function joinMarker(comment: string, digest: string | null): string {
  return digest === null ? comment : `${comment} [shoal:${digest}]`;
}

/** 256 bits in canonical base64url. */
export function isDigest(text: string): boolean {
  return text.length === 43 && typeof readBase64url(text) !== 'string';
}

function isSalt(text: string): boolean {
  return text.length === SALT_LENGTH && typeof readBase64url(text) !== 'string';
}

export type ReadShoalKey = { kind: 'shoal-key'; files: readonly ShareFile[] | null } | Refusal;

/** `files` null: the share is one file of the share's name. Paths and sizes are checked but for their sum. */
export function readShoalKey(text: string): ReadShoalKey {
  if (!text.isWellFormed()) return refused('text', 'the shoal key holds an unpaired surrogate');
  const shaped = readShoalShape(text);
  if (shaped.kind === 'refused') {
    const { reason, detail } = shaped;
    return refused(reason === 'too-many-files' ? reason : 'shoal-key', `in the shoal key: ${detail}`);
  }
  const { salt, files } = shaped.value;
  if (salt !== undefined && !isSalt(salt))
    return refused('shoal-key', 'the salt is not 128 bits in base64url');
  if (files === undefined) return { kind: 'shoal-key', files: null };
  return filesRefusal(files) ?? { kind: 'shoal-key', files };
}

function filesRefusal(files: readonly ShareFile[]): Refusal | null {
  if (files.length === 0) return refused('files', 'the list of files is empty');
  for (const { path, size } of files) {
    const flaw = pathFlaw(path);
    if (flaw !== null) return refused('path', `${shownPath(path)}: ${flaw}`);
    if (!Number.isSafeInteger(size) || size < 0)
      return refused('files', `${shownPath(path)}: a size of ${size} bytes`);
  }
  const clash = firstClash(files.map((file) => file.path));
  return clash === null ? null : refused('files', `${shownPath(clash)} meets another file of the share`);
}

function shownPath(path: readonly string[]): string {
  return displayName(path.slice(0, 3).join('/').slice(0, 100));
}

/** [MF2] The text of the key, compact, salt first; null where there is nothing to say. */
export function shoalTextOf(salt: string | null, files: readonly ShareFile[] | null): string | null {
  if (salt === null && files === null) return null;
  const listed = files?.map(({ path, size }) => ({ path, size }));
  return JSON.stringify({
    ...(salt === null ? {} : { salt }),
    ...(listed === undefined ? {} : { files: listed }),
  });
}
