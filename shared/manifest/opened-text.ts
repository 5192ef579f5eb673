/**
 * What a text is that somebody typed, pasted, dropped or opened ([UI2]): a link, a magnet, a file of ours or of another
 * program, a link that was damaged, or other text. Linear in the text's length. Knows no page and opens nothing.
 */
import type { InfoHash } from '../ids.ts';
import { findLink } from './find-link.ts';
import type { LinkFault } from './link.ts';
import { isMagnet, readMagnet } from './magnet.ts';
import type { Magnet } from './magnet.ts';
import { isTorrent } from './torrent.ts';

export type OpenedText =
  | { kind: 'nothing' }
  | { kind: 'link'; infoHash: InfoHash }
  /** To different shares. */
  | { kind: 'several-links' }
  | ({ kind: 'magnet' } & Magnet)
  | { kind: 'bittorrent-magnet' }
  /** It names no share, or not wholly. */
  | { kind: 'unknown-magnet' }
  | { kind: 'torrent-file' }
  /** Bytes that are no text. */
  | { kind: 'other-file' }
  /** What a resource file has in it; whether it is a whole one is another matter. */
  | { kind: 'resource'; text: string }
  | { kind: 'damaged-link'; why: LinkFault }
  /** `why`: what would be wrong with it, were it a link. */
  | { kind: 'text'; text: string; why: LinkFault };

/** In the middle of other text. */
const MAGNET = /(?<![a-z\d])magnet:\?/i;
/** Control characters that no text has. */
const BINARY = /[\0-\x08\x0e-\x1a\x1c-\x1f]/; // eslint-disable-line no-control-regex

export function openedText(text: string): OpenedText {
  const plain = text.replace(/^[\ufeff\s]+/, '');
  if (plain === '') return { kind: 'nothing' };
  if (isResource(plain)) return { kind: 'resource', text };
  if (isTorrent(plain)) return { kind: 'torrent-file' };
  if (isMagnet(plain)) return magnetIn(plain);
  const found = findLink(plain);
  const magnet = found.kind === 'none' ? plain.search(MAGNET) : -1;
  if (magnet >= 0) return magnetIn(plain.slice(magnet));
  switch (found.kind) {
    case 'link':
      return found;
    case 'several':
      return { kind: 'several-links' };
    case 'damaged':
      return { kind: 'damaged-link', why: found.why };
    case 'none':
      return BINARY.test(plain) ? { kind: 'other-file' } : { kind: 'text', text, why: found.why };
  }
}

function isResource(text: string): boolean {
  return text.startsWith('{') && (text.includes('"pieces"') || text.includes('"trackerIp"'));
}

function magnetIn(text: string): OpenedText {
  const magnet = readMagnet(text);
  switch (magnet.kind) {
    case 'magnet':
      return magnet;
    case 'several':
      return { kind: 'several-links' };
    case 'bittorrent':
      return { kind: 'bittorrent-magnet' };
    case 'unknown':
    case 'no-magnet':
      return { kind: 'unknown-magnet' };
  }
}
