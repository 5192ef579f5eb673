/** What the page says of resource files ([UI26]): why one cannot be opened, and whom a saved one serves. Pure. */
import { unreachable } from '../../shared/assert.ts';
import { TORRENTINNO_MAX_PIECE_BYTES } from '../../shared/limits.ts';
import type { ResourceOutcome } from '../worker/contract.ts';
import { formatBytes } from '../../shared/words/format.ts';
import { flawOf } from '../../shared/words/refusals.ts';
import { BITTORRENT_FILE } from './link-sentences.ts';

type Fault = Extract<ResourceOutcome, { kind: 'refused' }>;
const ANOTHER_ONE = 'Ask for a new one, or for a link.';

export function resourceSentence(fault: Fault): string {
  switch (fault.why) {
    case 'empty':
      return `There is nothing in this file. ${ANOTHER_ONE}`;
    case 'too-large':
      return 'This file is too large for a resource file of Shoal. To share it instead, use Choose files.';
    case 'bittorrent':
      return BITTORRENT_FILE;
    case 'other-file':
      return 'This is no resource file, but one of another program. To share it instead, use Choose files.';
    case 'damaged':
      return `This resource file is damaged: a part of it is missing or was changed. ${ANOTHER_ONE}`;
    case 'not-allowed':
      return `This resource file cannot be opened: ${flawOf(fault.reason)}. ${ANOTHER_ONE}`;
    default:
      return unreachable(fault);
  }
}

export function unreadableSentence(): string {
  return 'This file cannot be read: it was moved, deleted or changed, or is not yours to open.';
}

/** A resource file that should be saved and is not there. */
export function noResourceSentence(): string {
  return 'The resource file could not be made. Reload the page and try again, or send the link.';
}

/** Whether TorrentInno's own client can load the share; '' where it can. */
export function torrentInnoSentence(pieceBytes: number): string {
  return pieceBytes <= TORRENTINNO_MAX_PIECE_BYTES
    ? ''
    : `TorrentInno’s own program cannot download this: its pieces have ${formatBytes(pieceBytes)}, and the program takes at most 1 MB. Shoal can.`;
}
