/** What the page says of a link that it cannot open ([UI1] [UI2]): what is wrong with it, and what to do. Pure. */
import { unreachable } from '../../shared/assert.ts';
import type { OpenedText } from '../../shared/manifest/opened-text.ts';
import { faultSentence } from '../../shared/words/link-faults.ts';
import type { AddressFault } from '../../shared/words/link-faults.ts';

export const BITTORRENT_FILE =
  'This is a BitTorrent file. Shoal cannot open it, but a BitTorrent program can.';

/** Of the page that a link leads to which cannot be opened. */
export function faultHeading(why: AddressFault): string {
  return why === 'empty' || why === 'short' ? 'This link is incomplete' : 'This link is damaged';
}

/** What was typed, pasted or dropped, and is nothing that leads to a share. `text`: as it was typed. */
export function openedSentence(
  opened: Exclude<OpenedText, { kind: 'link' | 'magnet' }>,
  text: string,
): string {
  switch (opened.kind) {
    case 'nothing':
      return 'Paste a link into the box first.';
    case 'several-links':
      return 'There are links to different shares in this text. Leave only the one that you want to open.';
    case 'bittorrent-magnet':
      return 'This is a BitTorrent magnet. Shoal cannot open it, but a BitTorrent program can.';
    case 'unknown-magnet':
      return 'This magnet names no share of Shoal, or a part of it is missing. Copy it again, or ask for a link instead.';
    case 'torrent-file':
      return BITTORRENT_FILE;
    case 'other-file':
      return 'This is what a file of another program has in it, not a link. Ask for a link of this page instead.';
    case 'resource':
      return 'This is what a resource file has in it. Open the file itself: press Choose a resource file.';
    case 'damaged-link':
      return faultSentence(opened.why);
    case 'text':
      return textSentence(text.trim(), opened.why);
    default:
      return unreachable(opened);
  }
}

function textSentence(text: string, why: AddressFault): string {
  if (/\.torrentinno$/i.test(text))
    return 'This is the name of a resource file. Open the file itself: press Choose a resource file.';
  if (/\.torrent$/i.test(text)) return BITTORRENT_FILE;
  if (text.includes('#')) return faultSentence(why);
  if (/^https?:/i.test(text)) {
    return 'This address has no # with a share behind it. Copy the whole link again.';
  }
  return 'There is no link to a share in this text: it ends in # and 43 characters. Copy the whole link again.';
}
