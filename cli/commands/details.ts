/** What a new share is called and how it is cut ([HL10]), as on the page's first view. Pure. */
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES, TORRENTINNO_MAX_PIECE_BYTES } from '../../shared/limits.ts';
import type { ShareDetails } from '../../shared/peer/verbs.ts';
import { utf8Length } from '../../shared/utf8.ts';
import { wrongCall } from './exit.ts';
import type { Call, Options } from './options.ts';
import { pieceBytesOf } from './quantities.ts';
import { trackerAt } from './server.ts';
import { URL_OPTION } from './web-urls.ts';

export const DETAIL_OPTIONS: Options = {
  ...URL_OPTION,
  name: {
    kind: 'text',
    value: 'NAME',
    about: 'what it is called (otherwise as the file or folder is)',
    empty: true,
  },
  comment: { kind: 'text', value: 'TEXT', about: 'a note for who opens the link', empty: true },
  'piece-size': {
    kind: 'text',
    value: 'SIZE',
    about: 'size of its pieces, such as 256KiB or 1MB (otherwise by its size)',
  },
  'no-salt': {
    kind: 'flag',
    about: 'the same files give the same link; who has the files can then tell that you share them',
  },
};

export type Typed = Pick<
  ShareDetails,
  'name' | 'comment' | 'pieceBytes' | 'salted' | 'trackerHost' | 'trackerPort'
> & {
  /** Web addresses as they were typed. */
  readonly urls: readonly string[];
};

/** `name` is empty where none was typed. */
export function typedDetails(call: Call, serverUrl: string): Typed {
  const name = (call.text('name') ?? '').trim();
  const comment = (call.text('comment') ?? '').trim();
  if (utf8Length(name) > MAX_NAME_BYTES)
    throw wrongCall(`--name has at most ${MAX_NAME_BYTES} bytes. Shorten it.`);
  if (comment.length > MAX_COMMENT_LENGTH)
    throw wrongCall(`--comment has at most ${MAX_COMMENT_LENGTH} characters. Shorten it.`);
  const pieceBytes = pieceBytesOf(call.text('piece-size'));
  const urls = call.list('url');
  return { name, comment, pieceBytes, salted: !call.has('no-salt'), urls, ...trackerAt(serverUrl) };
}

/** What is worth knowing about the size of the pieces; null: nothing. */
export function pieceNote(pieceSize: number): string | null {
  return pieceSize <= TORRENTINNO_MAX_PIECE_BYTES
    ? null
    : 'TorrentInno’s own program cannot download pieces of this size: it takes at most 1 MB. Shoal can.';
}
