/**
 * What a TorrentInno resource has no room for ([MF2], [MF3]): the key `shoal`, a string of JSON text with a salt, the
 * files with their dates, empty folders and addresses of the content, and the marker at the end of the comment that
 * binds it: the info-hash covers the comment, the marker holds the text's SHA-256. TorrentInno ignores the key and
 * shows the marker. Hashing is its caller's.
 */
import { readBase64url } from '../base64url.ts';
import { MAX_DATE_MS, MAX_FILES, SALT_LENGTH } from '../limits.ts';
import { isContentUrl } from './content-url.ts';
import { displayName } from './display.ts';
import { firstClash } from './path-tree.ts';
import type { Path } from './path-tree.ts';
import { pathFlaw } from './paths.ts';
import { refused } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import type { ContentUrl, Manifest, ShareFile } from './manifest.ts';
import { readShoalShape } from './shape.ts';
import type { RawShoalKey } from './shape.ts';

const MARKER = /^ \[shoal:([A-Za-z0-9_-]{43})\]$/;
/** ` [shoal:`, 43 characters, `]`. */
export const MARKER_LENGTH = 52;

export interface SplitComment {
  /** What a person typed. */
  readonly comment: string;
  /** SHA-256 of the shoal text as the marker has it; null without a marker. */
  readonly digest: string | null;
}

/** Only what stands last is the marker: the same text before it was typed by a person. */
export function splitMarker(text: string): SplitComment {
  const end = Math.max(0, text.length - MARKER_LENGTH);
  const match = MARKER.exec(text.slice(end));
  if (match === null) return { comment: text, digest: null };
  return { comment: text.slice(0, end), digest: match[1] ?? null };
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

/** Whole milliseconds since 1970, before it negative, as far as a JavaScript Date reaches. */
export function isFileDate(modified: number): boolean {
  return Number.isInteger(modified) && Math.abs(modified) <= MAX_DATE_MS;
}

/** What the key says of the content; without a key, what the resource alone says. */
export type Content = Pick<Manifest, 'files' | 'folders' | 'urls'>;

export type ReadShoalKey = { kind: 'shoal-key'; content: Content } | Refusal;

/** `only`: the one file of the share's name, which stands for a list that is not there. Sizes are not added up. */
export function readShoalKey(text: string, only: ShareFile): ReadShoalKey {
  if (!text.isWellFormed()) return refused('text', 'the shoal key holds an unpaired surrogate');
  const shaped = readShoalShape(text);
  if (shaped.kind === 'refused') {
    const reason = shaped.reason === 'shape' || shaped.reason === 'not-json' ? 'shoal-key' : shaped.reason;
    return refused(reason, `in the shoal key: ${shaped.detail}`);
  }
  const { salt, modified, folders = [], urls = [] } = shaped.value;
  if (salt !== undefined && !isSalt(salt))
    return refused('shoal-key', 'the salt is not 128 bits in base64url');
  if (modified !== undefined && !isFileDate(modified)) return refused('files', `a date of ${modified} ms`);
  const files = (shaped.value.files ?? [only]).map((file) => dated(file, modified));
  const refusal = filesRefusal(files) ?? foldersRefusal(files, folders) ?? urlsRefusal(urls, files.length);
  return refusal ?? { kind: 'shoal-key', content: { files, folders, urls } };
}

/** The date at the top holds for each file that has none of its own. */
function dated(file: ShareFile, modified: number | undefined): ShareFile {
  return modified === undefined || file.modified !== undefined ? file : { ...file, modified };
}

function filesRefusal(files: readonly ShareFile[]): Refusal | null {
  if (files.length === 0) return refused('files', 'the list of files is empty');
  for (const { path, size, modified } of files) {
    const flaw = pathFlaw(path);
    if (flaw !== null) return refused('path', `${shownPath(path)}: ${flaw}`);
    if (!Number.isSafeInteger(size) || size < 0)
      return refused('files', `${shownPath(path)}: a size of ${size} bytes`);
    if (modified !== undefined && !isFileDate(modified))
      return refused('files', `${shownPath(path)}: a date of ${modified} ms`);
  }
  return null;
}

/** An empty folder takes a place as a file does: nothing has the same path, and nothing lies in it. */
function foldersRefusal(files: readonly ShareFile[], folders: readonly Path[]): Refusal | null {
  const count = files.length + folders.length;
  if (count > MAX_FILES) return refused('too-many-files', `${count} files and empty folders`);
  for (const folder of folders) {
    const flaw = pathFlaw(folder);
    if (flaw !== null) return refused('path', `${shownPath(folder)}: ${flaw}`);
  }
  const clash = firstClash([...files.map((file) => file.path), ...folders]);
  return clash === null ? null : refused('files', `${shownPath(clash)} meets another path of the share`);
}

function urlsRefusal(urls: NonNullable<RawShoalKey['urls']>, fileCount: number): Refusal | null {
  for (const { url, file } of urls) {
    if (!isContentUrl(url)) return refused('url', `no address of content: ${displayName(url.slice(0, 100))}`);
    if (!Number.isInteger(file) || file < 0 || file >= fileCount)
      return refused('url', `an address of file ${file} of ${fileCount}`);
  }
  return null;
}

function shownPath(path: readonly string[]): string {
  return displayName(path.slice(0, 3).join('/').slice(0, 100));
}

/** What a key may say: all of it may be missing. */
export interface KeyParts {
  readonly salt?: string;
  /** Of the one file of a share without a list. */
  readonly modified?: number;
  readonly files?: readonly ShareFile[];
  readonly folders?: readonly Path[];
  readonly urls?: readonly ContentUrl[];
}

/** [MF2] The text of the key, compact, salt first; null where there is nothing to say. */
export function shoalTextOf({ salt, modified, files, folders, urls }: KeyParts): string | null {
  // JSON leaves out what is undefined.
  const text = JSON.stringify({
    salt,
    modified,
    files: files?.map((file) => ({ path: file.path, size: file.size, modified: file.modified })),
    folders: folders?.length === 0 ? undefined : folders,
    urls: urls?.length === 0 ? undefined : urls?.map(({ url, file }) => ({ url, file })),
  });
  return text === '{}' ? null : text;
}
