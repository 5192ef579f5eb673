/** What the page says beside what is typed before files are chosen ([UI27]). Pure. */
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES, TORRENTINNO_MAX_PIECE_BYTES } from '../../shared/limits.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { safeSegment } from '../../shared/manifest/paths.ts';
import type { DetailsFlaw } from './making.svelte.ts';
import type { TypedDetails } from './share-details.ts';

const counted = new Intl.NumberFormat('en');

export function flawSentence({ field, size }: DetailsFlaw): string {
  return field === 'name'
    ? `This name is too long: it takes ${counted.format(size)} bytes, and ${MAX_NAME_BYTES} is the most.`
    : `This note is too long: it has ${counted.format(size)} characters, and ${counted.format(MAX_COMMENT_LENGTH)} is the most.`;
}

/** [MF8] What becomes of a name that is typed, where that is another; '' where it is not. */
export function nameSentence({ name }: TypedDetails): string {
  const [typed, safe] = [name.trim(), safeSegment(name.trim())];
  return typed === '' || safe === typed
    ? ''
    : `It will be called “${displayName(safe)}”, which works everywhere.`;
}

export function noteSentence({ note }: TypedDetails): string {
  return note.includes(';') ? 'Each semicolon in it becomes a comma.' : '';
}

export function pieceSentence({ pieceBytes }: TypedDetails): string {
  return (pieceBytes ?? 0) > TORRENTINNO_MAX_PIECE_BYTES
    ? 'TorrentInno’s own program cannot download pieces of this size: it takes at most 1 MB. Shoal can.'
    : '';
}

export const NEW_LINK_SENTENCE =
  'This holds for what you choose next. Changing it later, or adding files, makes a new link.';
