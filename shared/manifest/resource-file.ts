/**
 * What a file, or a text, is that somebody opens as a resource ([MF10]): a manifest, or something else that is told
 * apart as far as a person can do something about it. Total and bounded, as everything that reads a manifest. Knows no
 * hashes: that the shoal key is the one its marker names is for the caller to see.
 */
import { MAX_MANIFEST_BYTES } from '../limits.ts';
import { decodeUtf8 } from '../utf8.ts';
import type { RefusalReason } from './refusal.ts';
import { parseManifest } from './resource.ts';
import type { ParsedManifest } from './resource.ts';
import { isTorrentFile } from './torrent.ts';

export type ResourceFault =
  | { readonly kind: 'refused'; readonly why: 'empty' | 'too-large' | 'bittorrent' }
  /** No text, or none of a resource. */
  | { readonly kind: 'refused'; readonly why: 'other-file' }
  /** It begins like a resource, and is cut off or changed. */
  | { readonly kind: 'refused'; readonly why: 'damaged' }
  /** It is a resource, and something in it may not be so. */
  | { readonly kind: 'refused'; readonly why: 'not-allowed'; readonly reason: RefusalReason };

/** What editors of some systems put before a text. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** What no other program's file has. */
const OWN_KEY = /"(?:trackerIp|trackerPort|pieces)"/;

export function readResourceFile(file: Uint8Array): ParsedManifest | ResourceFault {
  if (isTorrentFile(file)) return fault('bittorrent');
  const bytes = BYTE_ORDER_MARK.every((byte, at) => file[at] === byte) ? file.subarray(3) : file;
  if (bytes.length > MAX_MANIFEST_BYTES) return fault('too-large');
  const text = decodeUtf8(bytes);
  if (text === null) return fault('other-file');
  if (text.trim() === '') return fault('empty');
  const parsed = parseManifest(bytes);
  if (parsed.kind === 'parsed') return parsed;
  const isOurs = text.trimStart().startsWith('{') && OWN_KEY.test(text);
  if (!isOurs) return fault('other-file');
  switch (parsed.reason) {
    case 'not-json':
      return fault('damaged');
    case 'too-large':
    case 'too-many-pieces':
    case 'too-many-files':
      return fault('too-large');
    default:
      return { kind: 'refused', why: 'not-allowed', reason: parsed.reason };
  }
}

function fault(why: Exclude<ResourceFault['why'], 'not-allowed'>): ResourceFault {
  return { kind: 'refused', why };
}
