/** What the page says beside what is typed before files are chosen ([UI27]). Pure. */
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES, TORRENTINNO_MAX_PIECE_BYTES } from '../../shared/limits.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { safeSegment } from '../../shared/manifest/paths.ts';
import { nameInSentence } from '../../shared/words/format.ts';
import type { DetailsFlaw } from './making.svelte.ts';
import { linesOf } from './share-details.ts';
import type { TypedDetails } from './share-details.ts';

const counted = new Intl.NumberFormat('en');

type TooLong = Extract<DetailsFlaw, { size: number }>;

export function flawSentence({ field, size }: TooLong): string {
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

/** [WS8] What is wrong with the addresses, or what is to be known of them; '' where nothing is typed. */
export function addressSentence({ addresses }: TypedDetails, wrong: string | null): string {
  if (wrong !== null)
    return `“${nameInSentence(wrong)}” is no web address that a link can name: it has https:// or http://, a host and a path, and no name, password or # in it.`;
  const lines = linesOf(addresses);
  if (lines.length === 0) return '';
  const plain = lines.some((line) => line.startsWith('http:'))
    ? ' Pages load from https:// alone; what begins with http:// is for Shoal’s command in a terminal.'
    : '';
  return `Whoever opens the link can read this, and load the file from there if they agree to.${plain}`;
}

export const ADDRESS_SENTENCE =
  'Where the same file is on the web, too, one address a line. With / at its end: the folder in which everything that you choose lies. Adding one later makes a new link.';

export const NEW_LINK_SENTENCE =
  'This holds for what you choose next. Changing it later, or adding files, makes a new link.';
